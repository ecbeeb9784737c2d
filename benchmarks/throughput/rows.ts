/** Medians of the measurements of each kind. */
import type { Measured, Task } from './task.js'

export type Sample = Task & Measured

export interface Row {
  readonly client: Task['client']
  readonly op: Task['op']
  readonly partitions: number
  readonly recordBytes: number
  /** Of a writer: the linger with which it was fastest. */
  readonly lingerMs: number
  readonly recordsPerSecond: { readonly median: number; readonly min: number; readonly max: number }
  readonly cpuMicrosecondsPerRecord: number
  readonly peakMemoryMB: number
  readonly threads: number | null
}

/** A row for each client, operation and cell, with the client's best linger; in the order of the samples. */
export function rowsOf(samples: readonly Sample[]): Row[] {
  const byLinger = [
    ...groupBy(samples, ({ client, op, partitions, recordBytes, lingerMs }) =>
      [op, recordBytes, partitions, client, lingerMs].join(' ')
    ).values()
  ].map(rowOf)
  const best = groupBy(byLinger, ({ client, op, partitions, recordBytes }) =>
    [op, recordBytes, partitions, client].join(' ')
  )
  return [...best.values()].map(rows =>
    rows.reduce((one, other) => (other.recordsPerSecond.median > one.recordsPerSecond.median ? other : one))
  )
}

function rowOf(samples: readonly Sample[]): Row {
  const [{ client, op, partitions, recordBytes, lingerMs }] = samples as readonly [Sample]
  const rates = samples.map(({ records, seconds }) => records / seconds)
  return {
    client,
    op,
    partitions,
    recordBytes,
    lingerMs,
    recordsPerSecond: {
      median: Math.round(median(rates)),
      min: Math.round(Math.min(...rates)),
      max: Math.round(Math.max(...rates))
    },
    cpuMicrosecondsPerRecord: Number(median(samples.map(one => one.cpuMicroseconds / one.records)).toFixed(3)),
    peakMemoryMB: Math.max(...samples.map(one => one.peakMemoryMB)),
    threads: samples.some(one => one.threads === null) ? null : Math.max(...samples.map(one => one.threads ?? 0))
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
