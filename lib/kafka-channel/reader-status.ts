/** What a reader on Kafka makes of the other ends of its channel: whether to go on, whether it has finished, how to leave. */
import {
  type ChannelEnd,
  closeReader,
  lostPeer,
  type PeerRecord,
  sizeConflict,
  writersEnded
} from '../channel/index.js'
import { Deadline } from '../deadline.js'
import { committedOffsets, endOffsets, type PartitionState } from '../kafka/index.js'
import { deleteTopics } from './channel-topics.js'
import type { OpenReader } from './open-reader.js'
import type { CheckedReaderOptions } from './reader-options.js'

/** For what an end says when it fails, beside the error that its user gets. */
const LAST_WORD_MS = 5000
const VAGUE_TIMEOUT_MS = 30_000

/** Where this reader has to read to. */
interface Goal {
  readonly ends: ReadonlyMap<number, number>
  readonly finishedUpTo: number
}

export class ReaderStatus {
  #failure: Error | undefined
  #goal: Goal | undefined
  /** Of the goal that was asked for: a writer may open again while the broker answers. */
  #asking: unknown
  #finished: Goal | undefined

  constructor(
    private readonly options: CheckedReaderOptions<unknown>,
    private readonly open: OpenReader,
    /** Called when `failure` or `isFinished` may be another. */
    private readonly onChange: () => void
  ) {
    open.listen(() => this.look())
    this.look()
  }

  /** Why this reader cannot go on: a counterpart that failed, one of its own name that opened later, topics that went. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Whether all writers have stopped and everything below their ends is handed out. */
  get isFinished(): boolean {
    return this.#finished !== undefined
  }

  get peers(): readonly PeerRecord[] {
    const { table } = this.#end.status
    return [...table.peers('writer'), ...table.peers('reader')]
  }

  /** Draws the conclusions anew. */
  look(): void {
    if (this.#failure || this.#finished) return
    const failure = this.#end.failure ?? sizeConflict(this.#end) ?? lostPeer(this.#end, this.options.waitsForLost)
    if (failure) this.fail(failure)
    else this.#lookForEnd()
  }

  /** To be asked when something was handed out, and when nothing is left. @param positions - behind what was handed out */
  reaches(positions: readonly PartitionState[], handedOut: (partition: PartitionState) => number): boolean {
    const goal = this.#goal
    if (!goal || this.#finished) return this.isFinished
    const { isReadToEnd } = this.#end.status.rules
    if (positions.every(partition => isReadToEnd(handedOut(partition), goal.ends.get(partition.number) ?? 0))) {
      this.#finished = goal
    }
    return this.isFinished
  }

  /** Whether it is known where the writers have ended: then the position shall be looked at, records or not. */
  get knowsEnd(): boolean {
    return this.#goal !== undefined && !this.#finished
  }

  fail(error: Error): void {
    if (this.#failure) return
    this.#failure = error
    void this.#end.fail(error, new Deadline({}, LAST_WORD_MS))
    this.onChange()
  }

  /**
   * @param isCommitted - whether everything that was handed out is committed: only then it has done its part
   * @returns why the topics were kept, where they might have gone
   */
  async close(isCommitted: boolean, deadline: Deadline): Promise<string | undefined> {
    const { status, admin } = this.open
    try {
      if (this.#failure || this.#end.failure) return undefined
      const finished = isCommitted ? this.#finished?.finishedUpTo : undefined
      return await closeReader(this.#end, finished, this.#topics(), deadline)
    } finally {
      this.#end.end()
      await Promise.all([status.release(deadline), admin.release(deadline)])
    }
  }

  get #end(): ChannelEnd {
    return this.open.end
  }

  #lookForEnd(): void {
    const ended = writersEnded(this.#end, this.options.writers)
    if (!ended) {
      this.#goal = this.#asking = undefined
      return
    }
    if (ended === this.#asking) return
    this.#asking = ended
    if (!ended.isVague) {
      this.#goal = ended
      this.onChange()
      return
    }
    // A writer of pypz says that it has stopped, not where; all it wrote is in the log by then.
    const partitions = this.open.consumer.partitions.map(({ number }) => number)
    const asked = endOffsets(
      this.open.admin.client,
      this.options.channelName,
      partitions,
      new Deadline({}, VAGUE_TIMEOUT_MS)
    )
    const answered = (ends: ReadonlyMap<number, number>): void => {
      if (this.#asking !== ended) return
      this.#goal = { ends, finishedUpTo: ended.finishedUpTo }
      this.onChange()
    }
    asked.then(answered, () => {
      // Asked again at the next change.
      if (this.#asking === ended) this.#asking = undefined
    })
  }

  #topics() {
    const { client, channelName, resources } = this.options
    const consumer = this.open.client.client
    return {
      committed: (partitions: readonly number[], deadline: Deadline) =>
        committedOffsets(consumer, channelName, partitions, deadline),
      deleteTopics:
        resources === 'create' ? (deadline: Deadline) => deleteTopics(client, channelName, deadline) : undefined
    }
  }
}
