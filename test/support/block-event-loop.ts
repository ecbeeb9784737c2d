/**
 * Blocks the event loop in front of a backlog, then reads all of it and keeps one field of every so many records. Tells
 * what the process took meanwhile. `block-event-loop.ts LOCATION CHANNEL RECORDS BLOCK_MS KEEP_EVERY`, best with `--expose-gc`.
 */
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { KafkaChannelReader } from 'millrace'
import { type Wide, wideSchema } from './wide-records.js'

const [location = '', channelName = '', ...numbers] = process.argv.slice(2)
const [records, blockMs, keepEvery] = numbers.map(Number) as [number, number, number]
const MB = 1024 * 1024
const residentMB = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
/** Buffers of their own, and the pools that they may stand in. */
const buffersMB = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().arrayBuffers / MB
}

const maxBatchBytes = 256 * 1024
const reader = await KafkaChannelReader.open<Wide>({
  location,
  channelName,
  schema: wideSchema,
  prefetchBytes: 32 * MB,
  maxBatchRecords: 500,
  maxBatchBytes
})
let largestBytes = 0
let largestCount = 0
const take = async (): Promise<readonly Wide[]> => {
  const { records } = await reader.read({ timeoutMs: 20_000 })
  const bytes = records.reduce((sum, { text, bytes }) => sum + text.length + bytes.length, 0)
  largestBytes = Math.max(largestBytes, bytes)
  largestCount = Math.max(largestCount, records.length)
  return records
}
let read = (await take()).length
await turn()
const before = residentMB()
let mostBlocked = before
const end = performance.now() + blockMs
for (let next = 0, now = performance.now(); now < end; now = performance.now()) {
  // Not at each turn: what a look leaves for the collector would be measured.
  if (now < next) continue
  mostBlocked = Math.max(mostBlocked, residentMB())
  next = now + 50
}

const kept: (string | Uint8Array)[] = []
const buffersBefore = buffersMB()
let most = mostBlocked
let mostHeapMB = 0
while (read < records) {
  for (const { n, text, bytes } of await take()) {
    read++
    if (n % keepEvery === 0) kept.push(kept.length % 2 === 0 ? bytes : text)
  }
  if (read % 5000 < 500) {
    most = Math.max(most, residentMB())
    mostHeapMB = Math.max(mostHeapMB, process.memoryUsage().heapUsed / MB)
  }
}
const keptMB = kept.reduce((sum, { length }) => sum + length, 0) / MB
const answer = {
  blockedMB: mostBlocked - before,
  grownMB: most - before,
  mostHeapMB,
  read,
  largestCount,
  isLargestWithin: largestBytes <= maxBatchBytes,
  kept: kept.length,
  keptMB,
  buffersMB: buffersMB() - buffersBefore
}
await reader.close()
console.log(
  JSON.stringify(answer, (_, value: unknown) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))
)
