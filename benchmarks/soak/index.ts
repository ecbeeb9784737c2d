/** C27: whether the memory of a slow reader stays where it is, in front of a backlog that never ends. */
import { setTimeout as delay } from 'node:timers/promises'
import { createTestBroker } from 'millrace/testing'
import { backlog } from '../backlog.js'
import { inChild } from '../child.js'
import { brokerText, machine, type Machine } from '../machine.js'
import type { Benchmark } from '../main.js'
import type { MemoryAt, Soaked, SoakTask } from './worker.js'

export interface SoakResult extends Soaked {
  readonly machine: Machine
  readonly broker: string
  readonly backlogMB: number
  readonly recordsPerSecond: number
  /** From the early look to the late one. */
  readonly grownPercent: number
}

const RECORD_BYTES = 1000
const RECORDS_PER_SECOND = 1000

export const soak: Benchmark = {
  summary: 'memory of a reader of 1,000 records/s after 2 and 10 minutes, in front of 5 GB',
  async run({ quick }): Promise<SoakResult> {
    const [count, early, late] = quick ? [300_000, 20, 60] : [5_000_000, 120, 600]
    const broker = await createTestBroker('real')
    try {
      const topic = await backlog(broker, 'soak', { partitions: 1, count, recordBytes: RECORD_BYTES })
      const task: SoakTask = {
        bootstrapServers: broker.bootstrapServers,
        topic,
        recordsPerSecond: RECORDS_PER_SECOND,
        atSeconds: [early, late]
      }
      // The broker's own work on what was written is not measured.
      await delay(1000)
      const timeoutMs = 1000 * (late + 60)
      const soaked = await inChild<Soaked>(new URL('worker.ts', import.meta.url), task, timeoutMs)
      const grownPercent = Math.round(1000 * (soaked.late.rssMB / soaked.early.rssMB - 1)) / 10
      const backlogMB = Math.round((count * RECORD_BYTES) / 1e6)
      console.log(`${RECORDS_PER_SECOND} records/s of ${RECORD_BYTES} bytes, ${backlogMB} MB waiting`)
      for (const look of [soaked.early, soaked.late]) console.log(memoryText(look))
      console.log(`rss grew by ${grownPercent} %; at most ${soaked.peakMB} MB; read ${soaked.read}, ${soaked.lag} left`)
      return {
        machine: machine(),
        broker: brokerText(broker),
        backlogMB,
        recordsPerSecond: RECORDS_PER_SECOND,
        grownPercent,
        ...soaked
      }
    } finally {
      await broker.close()
    }
  }
}

function memoryText({ second, rssMB, heapMB, externalMB, arrayBuffersMB }: MemoryAt): string {
  return `after ${second} s: rss ${rssMB} MB, heap ${heapMB}, external ${externalMB}, array buffers ${arrayBuffersMB}`
}
