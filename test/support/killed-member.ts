/** Run by `read-and-die.ts`, which kills it: `killed-member.ts LOCATION CHANNEL COMMIT`. */
import { KafkaChannelReader } from 'millrace'
import { type Item, itemSchema, readCount } from './channel-fixture.js'

const [location, channelName, mode] = process.argv.slice(2) as [string, string, string]
const group = { name: 'group', index: 0, size: 1 }
const reader = await KafkaChannelReader.open<Item>({ location, channelName, schema: itemSchema, group })
await readCount(reader, 10, 10)
if (mode === 'first') await reader.commit()
if (mode === 'in-flight') void reader.commit()
await readCount(reader, 500)
process.send?.('read')
setInterval(() => undefined, 60_000)
