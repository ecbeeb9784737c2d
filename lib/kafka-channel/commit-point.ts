/**
 * How far one partition of a reader is committed. It never goes down within the life of the reader, unless the committed
 * offset is out of the log's range and the user has sought away from it: else each restart would stand there again.
 */
import type { Deadline } from '../deadline.js'
import type { CommitQueue } from '../kafka/index.js'

interface Commit {
  readonly offset: number
  /** Of all who wait for it: each has its own time and signal. */
  readonly deadlines: Set<Deadline>
  readonly promise: Promise<void>
}

/** The partition and what is needed to commit in it. */
export interface CommitPointOptions {
  readonly commits: CommitQueue
  readonly topic: string
  readonly partition: number
  /** The offset committed before the reader opened; negative for none. */
  readonly committed: number
  /** Goes with each commit: an offset belongs to one topic, not to all that ever have its name. */
  readonly topicId: string
  /** Asks where the log ends now. */
  readonly endOffset: (deadline: Deadline) => Promise<number>
}

export class CommitPoint {
  /** The highest commit that was asked for, while it is under way or after it succeeded. */
  #highest: Commit | undefined
  #committed: number
  /** Of the last record before it; -1 where unknown. */
  #leaderEpoch = -1
  #renewing: Promise<void> | undefined
  /** How often it went down: what was asked for before that counts no more. */
  #descents = 0
  #soughtTo: number | undefined
  /** Sought to, and not in the log: a restart would stand there as well. */
  #refused: number | undefined
  /** Reading stands at an offset that the log does not have. */
  #isOutOfRange = false
  /** It stood there, and the user sought away: the committed offset may be one that the log does not have. */
  #isInDoubt = false
  #asking: Promise<void> | undefined

  constructor(private readonly options: CommitPointOptions) {
    this.#committed = options.committed
  }

  /** Before which everything is committed, by an answer of the broker; negative for nothing. */
  get committed(): number {
    return this.#committed
  }

  /** The user has reading go on at `offset`. */
  seek(offset: number): void {
    this.#isInDoubt ||= this.#isOutOfRange
    this.#isOutOfRange = false
    this.#refused = undefined
    this.#soughtTo = offset
  }

  /** A broker said that the log does not have `offset`, at which reading stands. */
  outOfRange(offset: number): void {
    this.#isOutOfRange = true
    // Where records were read up to it, it is committed all the same: those are done with.
    if (offset === this.#soughtTo) this.#refused = offset
  }

  /**
   * Commits `offset`, unless as much is committed already. When the deadline ends the wait the commit is still on its
   * way, its outcome unknown, and the next one goes behind it.
   *
   * @param leaderEpoch - of the last record before `offset`
   */
  async commit(offset: number, leaderEpoch: number, deadline: Deadline): Promise<void> {
    if (offset < 0 || offset === this.#refused) return
    if (this.#isInDoubt && offset < Math.max(this.#committed, this.#highest?.offset ?? -1)) {
      await this.#lookAtEnd(deadline)
    }
    if (offset <= this.#committed) return
    let commit = this.#highest
    if (!commit || offset > commit.offset) this.#highest = commit = this.#begin(offset, leaderEpoch, deadline)
    const { topic, partition } = this.options
    commit.deadlines.add(deadline)
    try {
      await deadline.wait(commit.promise, `the commit of offset ${offset} of ${topic} [${partition}]`)
    } finally {
      commit.deadlines.delete(deadline)
    }
  }

  /** Whether everything before `offset` is committed. */
  covers(offset: number): boolean {
    return this.#isInDoubt ? this.#committed === offset : this.#committed >= offset
  }

  /**
   * Commits once more what is committed, so that the broker does not forget it; nothing where nothing is, or where more
   * is on its way.
   * @param isWanted - whether it shall be tried again while the coordinator is away
   */
  async renew(isWanted: () => boolean): Promise<void> {
    const offset = this.#committed
    if (offset < 0 || (this.#highest && this.#highest.offset !== offset)) return
    const renewing = this.#send(offset, this.#leaderEpoch, isWanted)
    this.#renewing = renewing
    await renewing
  }

  /** Resolves when no commit is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#highest?.promise, this.#renewing])
  }

  #send(offset: number, leaderEpoch: number, isWanted: () => boolean): Promise<void> {
    const { commits, topic, partition, topicId: metadata } = this.options
    return commits.commit({ topic, partition, offset, leaderEpoch, metadata }, isWanted)
  }

  #begin(offset: number, leaderEpoch: number, deadline: Deadline): Commit {
    const deadlines = new Set([deadline])
    const isWanted = (): boolean => [...deadlines].some(one => one.remainingMs > 0 && one.signal?.aborted !== true)
    const promise = this.#send(offset, leaderEpoch, isWanted)
    const commit: Commit = { offset, deadlines, promise }
    const descents = this.#descents
    const take = (): void => {
      if (descents !== this.#descents || offset <= this.#committed) return
      this.#committed = offset
      this.#leaderEpoch = leaderEpoch
    }
    const forget = (): void => {
      if (this.#highest === commit) this.#highest = undefined
    }
    promise.then(take, forget)
    return commit
  }

  /** Asked once by all who want to commit less. */
  async #lookAtEnd(deadline: Deadline): Promise<void> {
    const { topic, partition } = this.options
    const forget = (): void => (this.#asking = undefined)
    this.#asking ??= this.#descend(deadline).finally(forget)
    await deadline.wait(this.#asking, `the end offset of ${topic} [${partition}], which is below what is committed`)
  }

  /** Forgets what is committed if that lies beyond the end of the log. */
  async #descend(deadline: Deadline): Promise<void> {
    const end = await this.options.endOffset(deadline)
    this.#isInDoubt = false
    if (end < 0 || Math.max(this.#committed, this.#highest?.offset ?? -1) <= end) return
    this.#descents++
    this.#committed = -1
    this.#highest = undefined
  }
}
