/** Run by a process that has channels open: `round-trip-in-child.ts LOCATION CHANNEL`. Opens its own, moves records. */
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { type Item, items, itemSchema, readCount } from './channel-fixture.js'

const [location, channelName] = process.argv.slice(2) as [string, string]
const common = { location, channelName, schema: itemSchema }
const [reader, writer] = await Promise.all([
  KafkaChannelReader.open<Item>({ ...common, resources: 'existing' }),
  KafkaChannelWriter.open<Item>(common)
])
await writer.write(items(100))
const read = await readCount(reader, 100)
await Promise.all([reader.close(), writer.close()])
console.log(`read ${read.length}`)
