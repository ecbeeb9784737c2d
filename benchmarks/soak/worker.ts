/** The process of the slow reader: takes a record each millisecond, and looks at its memory once a second. */
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaChannelReader } from 'millrace'
import { peakMemoryMB } from '../process-figures.js'
import { type Entry, schema } from '../throughput/records.js'

export interface SoakTask {
  readonly bootstrapServers: string
  readonly topic: string
  readonly recordsPerSecond: number
  /** When to compare, in seconds from the first record on: the last one ends it. */
  readonly atSeconds: readonly [number, number]
}

/** The mean of what was seen in the seconds before. */
export interface MemoryAt {
  readonly second: number
  readonly rssMB: number
  readonly heapMB: number
  readonly externalMB: number
  readonly arrayBuffersMB: number
}

export interface Soaked {
  readonly early: MemoryAt
  readonly late: MemoryAt
  readonly peakMB: number
  readonly read: number
  /** What is left of the backlog at the end; the reader is slower than it all the time. */
  readonly lag: number | null
}

/** Over so many seconds, as a single look meets the heap before or after a collection. */
const WINDOW = 10
const BATCH = 10
const MB = 1024 * 1024

const task = JSON.parse(process.argv[2] as string) as SoakTask
const [early, late] = task.atSeconds
const looks: NodeJS.MemoryUsage[] = []

function memoryAt(second: number): MemoryAt {
  const window = looks.slice(Math.max(0, second - WINDOW), second)
  const mean = (of: keyof NodeJS.MemoryUsage): number =>
    Math.round((10 * window.reduce((sum, look) => sum + look[of], 0)) / window.length / MB) / 10
  return {
    second,
    rssMB: mean('rss'),
    heapMB: mean('heapUsed'),
    externalMB: mean('external'),
    arrayBuffersMB: mean('arrayBuffers')
  }
}

const reader = await KafkaChannelReader.open<Entry>({
  resources: 'keep',
  location: task.bootstrapServers,
  channelName: task.topic,
  schema,
  group: { name: 'g' }
})
let read = 0
const start = performance.now()
const elapsed = (): number => (performance.now() - start) / 1000
const looking = setInterval(() => looks.push(process.memoryUsage()), 1000)
while (looks.length < late) {
  const { records } = await reader.read({ maxRecords: BATCH })
  read += records.length
  const dueIn = read / task.recordsPerSecond - elapsed()
  if (dueIn > 0) await delay(1000 * dueIn)
  if (read % (10 * task.recordsPerSecond) < BATCH) await reader.commit()
}
clearInterval(looking)
const soaked: Soaked = {
  early: memoryAt(early),
  late: memoryAt(late),
  peakMB: peakMemoryMB(),
  read,
  lag: await reader.lag()
}
await reader.close()
process.send?.(soaked)
process.disconnect()
