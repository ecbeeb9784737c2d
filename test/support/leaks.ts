/**
 * Opens and closes ends many times on clients that stay, then clients as well, and tells what is left of threads, file
 * handles and memory. `leaks.ts ENDS CLIENTS`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { type Item, items, itemSchema, readCount } from './channel-fixture.js'
import { eventually } from './eventually.js'

const [ends = 100, clients = 10] = process.argv.slice(2).map(Number)
const broker = new EmbeddedBroker()
const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }

interface Held {
  readonly threads: number
  readonly handles: number
  readonly megabytes: number
}

function held(): Held {
  globalThis.gc?.()
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  return {
    threads: readdirSync('/proc/self/task').length,
    handles: readdirSync('/proc/self/fd').length,
    megabytes: Math.round(resident / 1024)
  }
}

async function round(index: number, clientId: string): Promise<void> {
  // Members of one group: the client is the same as long as one of them is open.
  const group = { name: 'g', index, size: 2 }
  const [reader, writer] = await Promise.all([
    KafkaChannelReader.open<Item>({ ...common, group, clientId }),
    KafkaChannelWriter.open<Item>({ ...common, clientId })
  ])
  await writer.write(items(2))
  await writer.flush()
  await readCount(reader, 1)
  await Promise.all([reader.close(), writer.close()])
}

/** A thread that was joined may stay in the system's list for a moment. */
async function backTo(before: Held): Promise<Held> {
  const isBack = (): boolean => held().threads <= before.threads && held().handles <= before.handles
  await eventually(isBack, { timeoutMs: 10_000, waitedFor: 'threads and handles to go' }).catch(() => undefined)
  return held()
}

const reader = await KafkaChannelReader.open<Item>({
  ...common,
  group: { name: 'g', index: 0, size: 2 },
  clientId: 'stays'
})
const writer = await KafkaChannelWriter.open<Item>({ ...common, clientId: 'stays' })
// What is made once is made before the first look.
for (let i = 0; i < 150; i++) await round(1, 'stays')
const beforeEnds = held()
for (let i = 0; i < ends; i++) await round(1, 'stays')
const afterEnds = await backTo(beforeEnds)
await Promise.all([reader.close(), writer.close()])

for (let i = 0; i < 10; i++) await round(0, `warm ${i}`)
const beforeClients = held()
for (let i = 0; i < clients; i++) await round(0, `client ${i}`)
const afterClients = await backTo(beforeClients)
await broker.close()
console.log(JSON.stringify({ ends: [beforeEnds, afterEnds], clients: [beforeClients, afterClients] }))
