/** Rounds of open, read, write and close at random moments, on an embedded broker: nothing crashes, everything settles. */
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaChannelReader, KafkaChannelWriter, MillraceError } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { type Item, items, itemSchema } from '../support/channel-fixture.js'
import { parameters } from '../support/random.js'

const { count, random } = parameters(500)
const broker = new EmbeddedBroker()

/** Errors of ours are answers; anything else is a fault. */
async function settled(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
  }
}

for (let round = 0; round < count; round++) {
  const common = {
    location: broker.bootstrapServers,
    channelName: `c${round % 10}`,
    schema: itemSchema,
    timeoutMs: 10_000
  }
  const group = { name: `g${random.below(3)}` }
  const opening = Promise.allSettled([
    KafkaChannelReader.open<Item>({ ...common, group }),
    KafkaChannelWriter.open<Item>(common)
  ] as const)
  const [reader, writer] = await opening
  if (reader.status === 'rejected') throw reader.reason
  if (writer.status === 'rejected') throw writer.reason
  const calls = [
    settled(reader.value.read({ timeoutMs: 5000 })),
    settled(writer.value.write(items(random.below(2000)))),
    settled(writer.value.flush()),
    settled(reader.value.lag()),
    settled(reader.value.commit())
  ]
  await delay(random.below(20))
  if (random.below(4) === 0) calls.push(settled(reader.value.commit()))
  const closing = [settled(reader.value.close()), settled(writer.value.close())]
  if (random.below(2) === 0) calls.push(settled(writer.value.write(items(10))))
  await Promise.all([...calls, ...closing])
}
await broker.close()
console.log(`${count} rounds of open, read, write and close (--seed ${random.seed})`)
