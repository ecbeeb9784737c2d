/** How far one partition of a reader is committed. Never goes down within the life of the reader. */
import type { Deadline } from '../deadline.js'
import type { CommitQueue } from '../kafka/index.js'

interface Commit {
  readonly offset: number
  /** Of the one who waits longest. */
  deadline: Deadline
  readonly promise: Promise<void>
}

export class CommitPoint {
  /** The highest commit that was asked for, while it is under way or after it succeeded. */
  #highest: Commit | undefined

  /** @param committed - the offset committed before the reader opened; negative for none */
  constructor(
    private readonly commits: CommitQueue,
    private readonly topic: string,
    private readonly partition: number,
    private committed: number,
    /** Goes with each commit: an offset belongs to one topic, not to all that ever have its name. */
    private readonly topicId: string
  ) {}

  /**
   * Commits `offset`, unless as much is committed already. When the deadline ends the wait the commit is still on its
   * way, its outcome unknown, and the next one goes behind it.
   *
   * @param leaderEpoch - of the last record before `offset`
   */
  async commit(offset: number, leaderEpoch: number, deadline: Deadline): Promise<void> {
    if (offset < 0 || offset <= this.committed) return
    let commit = this.#highest
    if (!commit || offset > commit.offset) {
      const { topic, partition, topicId: metadata } = this
      const target = { topic, partition, offset, leaderEpoch, metadata }
      const asked: Commit = {
        offset,
        deadline,
        promise: this.commits.commit(
          target,
          () => asked.deadline.remainingMs > 0 && asked.deadline.signal?.aborted !== true
        )
      }
      this.#highest = commit = asked
      const forget = (): void => {
        if (this.#highest === asked) this.#highest = undefined
      }
      asked.promise.then(() => (this.committed = Math.max(this.committed, offset)), forget)
    } else if (deadline.remainingMs > commit.deadline.remainingMs) {
      commit.deadline = deadline
    }
    await deadline.wait(commit.promise, `the commit of offset ${offset} of ${this.topic} [${this.partition}]`)
  }

  /** Whether everything before `offset` is committed. */
  covers(offset: number): boolean {
    return this.committed >= offset
  }

  /** Resolves when no commit is under way any more. */
  async settled(): Promise<void> {
    await this.#highest?.promise.catch(() => undefined)
  }
}
