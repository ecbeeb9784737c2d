/** Which partition each record of a writer goes to. */
import { createHash } from 'node:crypto'

/** Decides for each record. The partitions are those from 0 on, one for each member of the group. */
export interface Distribution<T> {
  /** The partitions of the next records. */
  take(records: readonly T[]): Int32Array
  /** The group has another size now, since it was started anew. */
  resize(partitionCount: number): void
}

/** Strictly round robin, one partition further with each record. */
export class RoundRobin implements Distribution<unknown> {
  #next: number

  /**
   * @param partitionCount - partitions from 0 on that get records
   * @param start - the partition of the first record
   */
  constructor(
    private partitionCount: number,
    start: number
  ) {
    this.#next = start % partitionCount
  }

  take({ length }: ArrayLike<unknown>): Int32Array {
    const partitions = new Int32Array(length)
    let next = this.#next
    for (let i = 0; i < length; i++) {
      partitions[i] = next
      next = next + 1 === this.partitionCount ? 0 : next + 1
    }
    this.#next = next
    return partitions
  }

  resize(partitionCount: number): void {
    this.partitionCount = partitionCount
    this.#next %= partitionCount
  }
}

/** What a record is distributed by. */
export type Key = string | number | bigint | Uint8Array

/** Records of equal keys to the same partition, as long as the group has the same size. */
export class ByKey<T> implements Distribution<T> {
  constructor(
    private partitionCount: number,
    private readonly keyOf: (record: T) => Key
  ) {}

  /** @throws TypeError for what is no key, which names the record */
  take(records: readonly T[]): Int32Array {
    return Int32Array.from(records, (record, index) => {
      const key = this.keyOf(record)
      if (key instanceof Uint8Array) return partitionOfKey(key, this.partitionCount)
      if (!['string', 'number', 'bigint'].includes(typeof key)) {
        throw new TypeError(`partitionBy gave ${typeof key} for record ${index}: a key is a text, a number or bytes`)
      }
      return partitionOfKey(Buffer.from(String(key)), this.partitionCount)
    })
  }

  resize(partitionCount: number): void {
    this.partitionCount = partitionCount
  }
}

/**
 * Where Kafka's own Java client puts a key, so that what others write with the same keys lies with ours.
 * @see `Utils.murmur2` and `BuiltInPartitioner.partitionForKey` in Apache Kafka's `clients`
 */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}

function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  const M = 0x5bd1e995
  const at = (i: number): number => bytes[i] as number
  let hash = 0x9747b28c ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let word = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24)
    word = Math.imul(word, M)
    word ^= word >>> 24
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  if (length - i === 3) hash ^= at(i + 2) << 16
  if (length - i >= 2) hash ^= at(i + 1) << 8
  if (length - i >= 1) hash = Math.imul(hash ^ at(i), M)
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return hash ^ (hash >>> 15)
}

/**
 * Where a writer starts: derived from its name, so that many short-lived writers do not all load the first member.
 * @returns a partition in `[0, partitionCount)`
 */
export function startPartition(writerName: string, partitionCount: number): number {
  return createHash('sha256').update(writerName).digest().readUInt32LE(0) % partitionCount
}
