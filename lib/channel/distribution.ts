/** Which partition each record of a writer goes to. */
import { createHash } from 'node:crypto'

/** Strictly round robin, one partition further with each record. */
export class RoundRobin {
  #next: number

  /**
   * @param partitionCount - partitions from 0 on that get records
   * @param start - the partition of the first record
   */
  constructor(
    readonly partitionCount: number,
    start: number
  ) {
    this.#next = start % partitionCount
  }

  /** The partitions of the next `count` records. */
  take(count: number): Int32Array {
    const partitions = new Int32Array(count)
    let next = this.#next
    for (let i = 0; i < count; i++) {
      partitions[i] = next
      next = next + 1 === this.partitionCount ? 0 : next + 1
    }
    this.#next = next
    return partitions
  }
}

/**
 * Where a writer starts: derived from its name, so that many short-lived writers do not all load the first member.
 * @returns a partition in `[0, partitionCount)`
 */
export function startPartition(writerName: string, partitionCount: number): number {
  return createHash('sha256').update(writerName).digest().readUInt32LE(0) % partitionCount
}
