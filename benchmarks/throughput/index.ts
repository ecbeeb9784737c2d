/** Millrace beside plain node-rdkafka: the same records through the same broker, in one run, in turn. */
import { createTestBroker, type TestBroker } from 'millrace/testing'
import { table } from '../../lib/cli/table.js'
import { Deadline } from '../../lib/deadline.js'
import { deleteTopic } from '../../lib/kafka/index.js'
import { newChannel } from '../new-channel.js'
import { inChild } from '../child.js'
import { brokerText, machine, type Machine } from '../machine.js'
import type { Benchmark } from '../main.js'
import { type Cell, plan, REPEATS } from './plan.js'
import { sumOf } from './records.js'
import { type Row, rowsOf, type Sample } from './rows.js'
import type { Measured, Task } from './task.js'

export interface ThroughputResult {
  readonly machine: Machine
  readonly broker: string
  readonly rows: readonly Row[]
}

const clients = ['millrace', 'node-rdkafka'] as const
const TOPIC_TIMEOUT_MS = 60_000

export const throughput: Benchmark = {
  summary: 'records/s written and read, beside plain node-rdkafka, by partitions and record size',
  async run({ quick }): Promise<ThroughputResult> {
    const broker = await createTestBroker('real')
    try {
      const samples: Sample[] = []
      const cells = plan(quick)
      for (const [i, cell] of cells.entries()) {
        for (let repeat = 0; repeat < REPEATS; repeat++) {
          note(
            `${cell.partitions} partitions, ${cell.recordBytes} B: ${i * REPEATS + repeat + 1} of ${cells.length * REPEATS}`
          )
          samples.push(...(await round(broker, cell, repeat)))
        }
      }
      note('')
      const result = { machine: machine(), broker: brokerText(broker), rows: rowsOf(samples) }
      console.log(report(result))
      return result
    } finally {
      await broker.close()
    }
  }
}

/** Each client writes to a topic of its own with each linger; then both read the same one of those topics. */
async function round(broker: TestBroker, cell: Cell, repeat: number): Promise<Sample[]> {
  // Who goes first changes with each repeat.
  const order = repeat % 2 === 0 ? clients : clients.toReversed()
  const samples: Sample[] = []
  const topics: string[] = []
  let toRead = ''
  for (const lingerMs of cell.lingersMs) {
    for (const client of order) {
      const topic = await newChannel(broker, 'bench', cell.partitions)
      topics.push(topic)
      if (client === 'millrace') toRead = topic
      samples.push(await measure({ client, op: 'write', topic, lingerMs, ...taskOf(broker, cell) }))
    }
  }
  for (const client of order) {
    samples.push(await measure({ client, op: 'read', topic: toRead, lingerMs: 0, ...taskOf(broker, cell) }))
  }
  for (const topic of topics) await deleteTopic(broker, topic, new Deadline({}, TOPIC_TIMEOUT_MS))
  return samples
}

function taskOf(
  { bootstrapServers }: TestBroker,
  { partitions, records, recordBytes }: Cell
): Omit<Task, 'client' | 'op' | 'topic' | 'lingerMs'> {
  return { bootstrapServers, partitions, records, recordBytes }
}

async function measure(task: Task): Promise<Sample> {
  const measured = await inChild<Measured>(new URL('worker.ts', import.meta.url), task)
  if (task.op === 'read' && measured.sum !== sumOf(task.records)) {
    throw new Error(`${task.client} read something else than was written: the sum of i is ${measured.sum}`)
  }
  return { ...task, ...measured }
}

/** A line of progress on a terminal. */
function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function report({ machine, broker, rows }: ThroughputResult): string {
  const heading = ['client', 'op', 'parts', 'bytes', 'records/s', 'min', 'max', 'CPU us/rec', 'MB', 'threads']
  const lines = rows.map(row => [
    row.client,
    row.op,
    row.partitions,
    row.recordBytes,
    row.recordsPerSecond.median,
    row.recordsPerSecond.min,
    row.recordsPerSecond.max,
    row.cpuMicrosecondsPerRecord.toFixed(2),
    row.peakMemoryMB,
    row.threads ?? 'unknown'
  ])
  return [
    `${broker}; ${machine.cores} cores (${machine.cpu}), ${machine.system}, Node ${machine.node}, ` +
      `node-rdkafka ${machine.nodeRdkafka}`,
    'acks=all, idempotent, uncompressed; medians of 3, the best linger of each client',
    '',
    table([heading, ...lines]),
    '',
    ...ratios(rows)
  ].join('\n')
}

/** How many times as fast Millrace is, and what part of the CPU it needs. */
function ratios(rows: readonly Row[]): string[] {
  return rows
    .filter(row => row.client === 'millrace')
    .map(row => {
      const other = rows.find(
        one =>
          one.client !== row.client &&
          one.op === row.op &&
          one.partitions === row.partitions &&
          one.recordBytes === row.recordBytes
      ) as Row
      const speed = row.recordsPerSecond.median / other.recordsPerSecond.median
      const cpu = row.cpuMicrosecondsPerRecord / other.cpuMicrosecondsPerRecord
      return `${row.op} ${row.partitions} partitions, ${row.recordBytes} B: ${speed.toFixed(1)} times the records/s, ${cpu.toFixed(2)} of the CPU`
    })
}
