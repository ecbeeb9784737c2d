// A user's module in TypeScript: what is declared fits together. Compiled, never run.
import { type Batch, KafkaChannelReader, KafkaChannelWriter, MillraceError, RecordType } from 'millrace'
import { createTestBroker, type TestBroker } from 'millrace/testing'

interface Entry {
  readonly number: number
}

const schema = { type: 'record', name: 'Entry', fields: [{ name: 'number', type: 'int' }] } as const

export async function firstBatch(broker: TestBroker): Promise<Batch<Entry>> {
  const options = { location: broker.bootstrapServers, channelName: 'numbers', schema }
  const reader: KafkaChannelReader<Entry> = await KafkaChannelReader.open<Entry>({
    ...options,
    group: { index: 0, size: 2 }
  })
  const writer = await KafkaChannelWriter.open<Entry>({ ...options, channelConfig: { 'linger.ms': 5 } })
  await writer.write([{ number: 1 }], { timeoutMs: 1000 })
  const batch = await reader.read()
  const last: bigint | number = batch.lastOffset + (batch.records[0]?.number ?? 0)
  console.log(last, writer.counts)
  // @ts-expect-error -- a record of another shape
  await writer.write([{ text: 'one' }])
  await writer.close()
  await reader.close()
  return batch
}

export async function explained(type: RecordType<Entry>): Promise<string | undefined> {
  const broker = await createTestBroker('embedded')
  try {
    await firstBatch(broker)
    return undefined
  } catch (error) {
    return error instanceof MillraceError ? `${error.code}: ${error.message} ${String(type)}` : undefined
  }
}
