/** What a reader on Kafka makes of the other ends of its channel: whether to go on, whether it has finished, how to leave. */
import {
  type ChannelTopics,
  closeReader,
  lostPeer,
  type PeerRecord,
  sizeConflict,
  writersEnded
} from '../channel/index.js'
import { Deadline } from '../deadline.js'
import { TimeoutError } from '../errors.js'
import { committedOffsets, endOffsets, groupOffsets, type PartitionState } from '../kafka/index.js'
import { deleteChannel } from './channel-topics.js'
import type { OpenReader } from './open-reader.js'
import type { CheckedReaderOptions } from './reader-options.js'

/** For what an end says when it fails, beside the error that its user gets. */
const LAST_WORD_MS = 5000
const VAGUE_TIMEOUT_MS = 30_000
/** How often a reader that knows where the writers have ended looks whether it is there. */
const LOOK_AGAIN_MS = 100

/** Where this reader has to read to. */
interface Goal {
  readonly ends: ReadonlyMap<number, number>
  readonly finishedUpTo: number
}

export class ReaderStatus {
  #failure: Error | undefined
  /** That it has failed, on its way to the others. */
  #lastWord: Promise<void> | undefined
  #goal: Goal | undefined
  /** Of the goal that was asked for: a writer may open again while the broker answers. */
  #asking: unknown
  #finished: Goal | undefined
  #lookAgain: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(
    private readonly options: CheckedReaderOptions<unknown>,
    private readonly open: OpenReader,
    /** The offset behind everything handed out of a partition, or where it began. */
    private readonly positionOf: (partition: PartitionState) => number
  ) {
    open.listen(() => this.#look())
    this.#look()
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
    const { table } = this.open.end.status
    return [...table.peers('writer'), ...table.peers('reader')]
  }

  /** To be called when nothing is left to hand out: whether that is because everything is. */
  lookForEnd(): void {
    const goal = this.#goal
    if (!goal || this.#finished || this.#isClosed) return
    const { consumer, end } = this.open
    const { rules } = end.status
    if (consumer.partitions.every(one => rules.isReadToEnd(this.positionOf(one), goal.ends.get(one.number) ?? 0))) {
      this.#finished = goal
      consumer.wake()
      return
    }
    // A position also moves past markers without a record, which wakes nobody.
    this.#lookAgain ??= setTimeout(() => {
      this.#lookAgain = undefined
      consumer.lookAgain()
    }, LOOK_AGAIN_MS)
  }

  /** Makes sure that no newer incarnation and no group of another size has taken its partitions over. */
  async isCurrent(deadline: Deadline): Promise<boolean> {
    const { end } = this.open
    const isUnable = (): boolean => this.#isClosed || this.#failure !== undefined || end.failure !== undefined
    if (isUnable()) return false
    try {
      await end.ensureNewest(deadline)
    } catch (error) {
      if (!isUnable()) throw error
    }
    return !isUnable() && sizeConflict(end) === undefined
  }

  fail(error: Error): void {
    if (this.#failure) return
    this.#failure = error
    this.#lastWord = this.open.end.fail(error, new Deadline({}, LAST_WORD_MS))
    this.open.consumer.wake()
  }

  /**
   * @param isCommitted - whether everything that was handed out is committed: only then it has done its part
   * @returns why the topics were kept, where it was to delete them
   */
  async close(isCommitted: boolean, deadline: Deadline): Promise<string | undefined> {
    const { status, admin } = this.open
    this.#isClosed = true
    clearTimeout(this.#lookAgain)
    try {
      if (this.#lastWord) await deadline.wait(this.#lastWord, 'the last word of this reader').catch(() => undefined)
      if (this.#failure || this.open.end.failure) return undefined
      const finished = isCommitted ? this.#finished?.finishedUpTo : undefined
      const kept = await closeReader(this.open.end, finished, this.#topics(), deadline)
      return this.options.resources === 'create' ? kept : undefined
    } catch (error) {
      // Nobody could be told in time that it leaves: the others find that it is silent.
      if (!(error instanceof TimeoutError)) throw error
      return error.message
    } finally {
      this.open.end.end()
      await Promise.all([status.release(deadline), admin.release(deadline)])
    }
  }

  /** Draws the conclusions anew. */
  #look(): void {
    if (this.#failure || this.#finished || this.#isClosed) return
    const { end } = this.open
    const failure = end.failure ?? sizeConflict(end) ?? lostPeer(end, this.options.waitsForLost)
    if (failure) this.fail(failure)
    else this.#lookForGoal()
  }

  #lookForGoal(): void {
    const ended = writersEnded(this.open.end, this.options.writers)
    if (!ended) {
      this.#goal = this.#asking = undefined
      return
    }
    if (ended === this.#asking) return
    this.#asking = ended
    if (!ended.isVague) {
      this.#reach(ended)
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
      this.#reach({ ends, finishedUpTo: ended.finishedUpTo })
    }
    asked.then(answered, () => {
      // Asked again at the next change.
      if (this.#asking === ended) this.#asking = undefined
    })
  }

  #reach(goal: Goal): void {
    this.#goal = goal
    // Whoever waits for records finds that there are none, and then looks for the end.
    this.open.consumer.lookAgain()
  }

  /** In group mode each member commits in a Kafka group of its own; what counts is who is least far. */
  async #committedByAll(partitions: readonly number[], deadline: Deadline): Promise<Map<number, number>> {
    const { client, end } = this.open
    const least = new Map<number, number>()
    for (const { name } of end.status.table.peers('reader')) {
      const group = `${name}.${this.options.channelName}`
      const committed = await groupOffsets(client.client, group, this.options.channelName, partitions, deadline)
      for (const partition of partitions) {
        least.set(partition, Math.min(least.get(partition) ?? Infinity, committed.get(partition) ?? -1))
      }
    }
    return least
  }

  #topics(): ChannelTopics {
    const { client, channelName, resources, isGroupMode } = this.options
    const { client: consumer, admin, ids } = this.open
    const deleteTopics = (deadline: Deadline): Promise<void> =>
      deleteChannel(client, admin.client, channelName, deadline)
    return {
      committed: (partitions: readonly number[], deadline: Deadline) =>
        isGroupMode
          ? this.#committedByAll(partitions, deadline)
          : committedOffsets(consumer.client, channelName, partitions, deadline),
      ends: deadline => endOffsets(admin.client, channelName, [...Array(ids.data.partitionCount).keys()], deadline),
      deleteTopics: resources === 'create' ? deleteTopics : undefined
    }
  }
}
