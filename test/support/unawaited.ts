/** Calls `write([record])` very often and awaits none, then reads all of it. Tells the memory, what became of the calls, and the order. */
import { readFileSync } from 'node:fs'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { type Item, itemSchema } from './channel-fixture.js'

const count = Number(process.argv[2])
const megabytes = (name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024

const broker = new EmbeddedBroker()
const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }
const [reader, writer] = await Promise.all([
  KafkaChannelReader.open<Item>(common),
  KafkaChannelWriter.open<Item>(common)
])
await writer.write([{ n: -1, text: '' }])
await writer.flush()
const before = megabytes('VmRSS')
const calls: Promise<void>[] = []
for (let n = 0; n < count; n++) calls.push(writer.write([{ n, text: 'nobody awaits this' }]))
const settled = await Promise.allSettled(calls)
await writer.flush()
const grownMB = Math.round(megabytes('VmHWM') - before)
const resolved = settled.filter(({ status }) => status === 'fulfilled').length
let next = -1
let outOfOrder = 0
while (next < count) {
  const { records } = await reader.read({ timeoutMs: 20_000 })
  for (const { n } of records) if (n !== next++) outOfOrder++
}
await Promise.all([reader.close(), writer.close()])
await broker.close()
console.log(JSON.stringify({ grownMB, resolved, outOfOrder }))
