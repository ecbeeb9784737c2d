/** How much memory a thousand readers take that do not read, in front of a backlog far larger than their budget. */
import { setTimeout as delay } from 'node:timers/promises'
import { createTestBroker } from 'millrace/testing'
import { backlog } from '../backlog.js'
import { inChild } from '../child.js'
import { brokerText, machine, type Machine } from '../machine.js'
import type { Benchmark } from '../main.js'
import type { Held, PrefetchTask } from './worker.js'

export interface PrefetchResult extends Held {
  readonly machine: Machine
  readonly broker: string
  readonly readers: number
  readonly backlogMB: number
  readonly budgetMB: number
}

const BUDGET_BYTES = 256 * 1024 * 1024
const RECORD_BYTES = 1000

export const prefetch: Benchmark = {
  summary: 'memory of 1,000 readers that do not read for a minute, in front of 2 GB',
  async run({ quick }): Promise<PrefetchResult> {
    const [readers, count, idleMs] = quick ? [100, 200_000, 10_000] : [1000, 2_000_000, 60_000]
    const broker = await createTestBroker('real')
    try {
      const topic = await backlog(broker, 'prefetch', { partitions: readers, count, recordBytes: RECORD_BYTES })
      const task: PrefetchTask = {
        bootstrapServers: broker.bootstrapServers,
        topic,
        readers,
        records: count,
        prefetchBytes: BUDGET_BYTES,
        idleMs
      }
      // The broker's own work on what was written is not measured.
      await delay(1000)
      const held = await inChild<Held>(new URL('worker.ts', import.meta.url), task)
      const result = {
        machine: machine(),
        broker: brokerText(broker),
        readers,
        backlogMB: Math.round((count * RECORD_BYTES) / 1e6),
        budgetMB: BUDGET_BYTES / 1024 / 1024,
        ...held
      }
      console.log(
        `${readers} readers, ${result.backlogMB} MB waiting, a budget of ${result.budgetMB} MiB: grew by ` +
          `${result.grownMB} MB in ${idleMs / 1000} s without a read; then read ${result.read}, ${result.missing} missing, ` +
          `${result.doubled} twice, at most ${result.peakMB} MB`
      )
      return result
    } finally {
      await broker.close()
    }
  }
}
