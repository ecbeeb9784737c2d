/** The process of the readers: opens them, waits, then reads everything. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaChannelReader } from 'millrace'
import { peakMemoryMB } from '../process-figures.js'
import { type Entry, schema } from '../throughput/records.js'

export interface PrefetchTask {
  readonly bootstrapServers: string
  readonly topic: string
  readonly readers: number
  readonly records: number
  readonly prefetchBytes: number
  readonly idleMs: number
}

export interface Held {
  /** From all opened, with nothing fetched yet, to the most while nobody reads. */
  readonly grownMB: number
  readonly peakMB: number
  readonly read: number
  readonly missing: number
  readonly doubled: number
}

const task = JSON.parse(process.argv[2] as string) as PrefetchTask

function residentMB(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}

const before = residentMB()
const readers = await Promise.all(
  Array.from({ length: task.readers }, (_, index) =>
    KafkaChannelReader.open<Entry>({
      resources: 'keep',
      location: task.bootstrapServers,
      channelName: task.topic,
      schema,
      prefetchBytes: task.prefetchBytes,
      group: { name: 'g', index, size: task.readers }
    })
  )
)
let most = residentMB()
for (const end = performance.now() + task.idleMs; performance.now() < end; await delay(100)) {
  most = Math.max(most, residentMB())
}

const seen = new Uint8Array(task.records)
let read = 0
let doubled = 0
const all = new AbortController()
await Promise.all(
  readers.map(async reader => {
    for await (const batch of reader.batches({ signal: all.signal })) {
      for (const { i } of batch.records) {
        if (seen[i] === 1) doubled++
        seen[i] = 1
      }
      read += batch.records.length
      if (read >= task.records) all.abort()
    }
  })
)
await Promise.all(readers.map(reader => reader.close()))
const held: Held = {
  grownMB: Math.round(most - before),
  peakMB: peakMemoryMB(),
  read,
  missing: seen.reduce((sum, one) => sum + (one === 0 ? 1 : 0), 0),
  doubled
}
process.send?.(held)
process.disconnect()
