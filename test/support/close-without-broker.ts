/** Closes a reader whose commit never gets an answer, in a process that shall then end by itself. */
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
broker.setBrokerUp(1, false)
const committing = rejection(reader.commit({ timeoutMs: 60_000 }))
await reader.close({ timeoutMs: 200 })
console.log(`closed; the commit: ${(await committing).message}`)
