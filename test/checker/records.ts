/** The records of a checked run: each says who wrote it, in which life, for which partition, and as which one. */
import type { Batch } from '../../lib/channel/index.js'
import { partitionOfKey } from '../../lib/channel/distribution.js'
import type { ReadRun, Values } from './events.js'

export interface CheckedRecord {
  readonly writer: string
  readonly incarnation: number
  readonly partition: number
  readonly n: number
  readonly padding: string
}

export const checkedSchema = {
  type: 'record',
  name: 'CheckedRecord',
  fields: [
    { name: 'writer', type: 'string' },
    { name: 'incarnation', type: 'int' },
    { name: 'partition', type: 'int' },
    { name: 'n', type: 'long' },
    { name: 'padding', type: 'string' }
  ]
} as const

/** With a writer's name of 8 letters this makes a record of 100 bytes. */
const DEFAULT_PADDING = 83

/** Follows from `n`, so that a record whose bytes were mixed up with those of another is seen. */
function paddingOf(n: number, length: number): string {
  return String.fromCharCode(97 + (n % 26)).repeat(length)
}

export function recordsOf({ w, life, p, from, to }: Values, padding = DEFAULT_PADDING): CheckedRecord[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const n = from + i
    return { writer: w, incarnation: life, partition: p, n, padding: paddingOf(n, padding) }
  })
}

/**
 * A key for each partition: a writer with `partitionBy: ({ partition }) => keys[partition]` sends every record where it
 * says that it goes, as long as its group has this size.
 */
export function keysOfPartitions(count: number): string[] {
  const keys: string[] = []
  for (let i = 0; Object.keys(keys).length < count; i++) {
    keys[partitionOfKey(Buffer.from(String(i)), count)] ??= String(i)
  }
  return keys
}

/**
 * A batch as its `read` event has it. Offsets of a batch with gaps are known for its first and last record only.
 *
 * @throws Error for a record that was damaged on its way
 */
export function runsOf({
  records,
  firstOffset,
  lastOffset
}: Pick<Batch<CheckedRecord>, 'records' | 'firstOffset' | 'lastOffset'>): ReadRun[] {
  const hasGaps = lastOffset - firstOffset + 1 !== records.length
  const offsetOf = (i: number): number => {
    if (!hasGaps || i === 0) return firstOffset + i
    return i === records.length - 1 ? lastOffset : -1
  }
  const runs: { -readonly [Key in keyof ReadRun]: ReadRun[Key] }[] = []
  for (const [i, record] of records.entries()) {
    checkPadding(record)
    const at = offsetOf(i)
    const last = runs.at(-1)
    if (last && isNext(last, record) && at === nextOffset(last)) last.to++
    else
      runs.push({ w: record.writer, life: record.incarnation, p: record.partition, from: record.n, to: record.n, at })
  }
  return runs
}

function nextOffset({ from, to, at }: ReadRun): number {
  return at < 0 ? -1 : at + to - from + 1
}

function isNext({ w, life, p, to }: Values, { writer, incarnation, partition, n }: CheckedRecord): boolean {
  return n === to + 1 && w === writer && life === incarnation && p === partition
}

function checkPadding({ writer, incarnation, partition, n, padding }: CheckedRecord): void {
  if (padding === paddingOf(n, padding.length)) return
  throw new Error(`record ${n} of ${writer}/${incarnation} in partition ${partition} has the padding of another`)
}
