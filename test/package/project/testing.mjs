// A user's test: the embedded broker of `millrace/testing`, and one record through a channel on it.
import assert from 'node:assert/strict'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { createTestBroker, EmbeddedBroker } from 'millrace/testing'

const broker = await createTestBroker('embedded')
assert.ok(broker instanceof EmbeddedBroker)
const options = {
  location: broker.bootstrapServers,
  channelName: 'numbers',
  schema: { type: 'record', name: 'Entry', fields: [{ name: 'number', type: 'int' }] }
}
const reader = await KafkaChannelReader.open(options)
const writer = await KafkaChannelWriter.open(options)
try {
  await writer.write([{ number: 7 }])
  await writer.flush()
  const { records } = await reader.read({ timeoutMs: 30_000 })
  assert.deepEqual(
    records.map(({ number }) => number),
    [7]
  )
} finally {
  await writer.close()
  await reader.close()
  await broker.close()
}
