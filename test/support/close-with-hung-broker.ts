/** Closes a reader whose broker takes requests and answers none, in a process that shall then end by itself. */
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { type Item, items, itemSchema, readCount } from './channel-fixture.js'
import { rejection } from './rejection.js'

const broker = new EmbeddedBroker()
const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }
const [reader, writer] = await Promise.all([
  KafkaChannelReader.open<Item>(common),
  KafkaChannelWriter.open<Item>(common)
])
await writer.write(items(10))
await readCount(reader, 10)
await writer.close()
broker.setRoundTripTime(1, 600_000)
const commit = await rejection(reader.commit({ timeoutMs: 300 }))
// It may not have told the other ends.
await reader.close({ timeoutMs: 300 }).catch(() => undefined)
const closedAt = performance.now()
process.on('exit', () => console.log(`${commit.name}; ended after ${Math.round(performance.now() - closedAt)} ms`))
