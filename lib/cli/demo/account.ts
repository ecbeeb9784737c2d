/** The account of the demo's records: every one is seen exactly once, whole, and in the order of its partition. */
import { setTimeout } from 'node:timers/promises'
import type { Batch } from '../../channel/index.js'
import { Deadline } from '../../deadline.js'
import { type Sample, sampleChecker } from './samples.js'

/** What one member has read. */
export interface MemberAccount {
  readonly partition: number
  records: number
  /** Sequence number of its last record. */
  last: number
}

export class Account {
  read = 0
  doubled = 0
  outOfOrder = 0
  /** Records that are not what was written under their sequence number. */
  wrong = 0
  /** When the last records came, by `performance.now()`. */
  lastAt = performance.now()
  readonly members: readonly MemberAccount[]
  readonly #seen: Uint8Array
  #wanted = Infinity
  #reached: (() => void) | undefined
  readonly #isRight: (sample: Sample) => boolean

  constructor(
    readonly records: number,
    members: number,
    recordBytes: number
  ) {
    this.#seen = new Uint8Array(records)
    this.#isRight = sampleChecker(recordBytes)
    this.members = Array.from({ length: members }, (_, partition) => ({ partition, records: 0, last: -1 }))
  }

  add({ partition, records }: Batch<Sample>): void {
    const member = this.members[partition] as MemberAccount
    for (const sample of records) {
      const { sequence } = sample
      if (!(sequence < this.records) || !this.#isRight(sample)) {
        this.wrong++
        continue
      }
      if (this.#seen[sequence]) this.doubled++
      this.#seen[sequence] = 1
      if (sequence <= member.last) this.outOfOrder++
      member.last = sequence
    }
    this.lastAt = performance.now()
    member.records += records.length
    this.read += records.length
    if (this.read >= this.#wanted) this.#reached?.()
  }

  /**
   * Waits until so many records were read in all. One such wait at a time.
   * @returns false when none came for `stallMs`, or the signal is aborted
   */
  async reaches(count: number, stallMs: number, signal?: AbortSignal): Promise<boolean> {
    while (this.read < count) {
      const before = this.read
      this.#wanted = count
      const reached = new Promise<void>(resolve => (this.#reached = resolve))
      await new Deadline({ timeoutMs: stallMs, ...(signal && { signal }) }, stallMs)
        .wait(reached, 'records')
        .catch(() => undefined)
      if (signal?.aborted || this.read === before) return false
    }
    return true
  }

  /** Resolves when no record has come for `stallMs`, or at the signal. */
  async stalls(stallMs: number, signal: AbortSignal): Promise<void> {
    for (let before = -1; before < this.read && !signal.aborted;) {
      before = this.read
      await setTimeout(stallMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Acknowledged records that nobody read. */
  lost(acknowledged: number): number {
    const distinct = this.#seen.reduce((sum, seen) => sum + seen, 0)
    return Math.max(0, acknowledged - distinct)
  }
}
