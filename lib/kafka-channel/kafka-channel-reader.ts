/** The reading end of a channel on Kafka: one member of a group, with its partitions assigned by its index. */
import { setMaxListeners } from 'node:events'
import type { Batch, BatchesOptions, ChannelReader, GroupMember, PeerRecord, ReadOptions } from '../channel/index.js'
import { Deadline, type WaitOptions } from '../deadline.js'
import { ChannelError } from '../errors.js'
import type { ClientStatistics, ConsumerClient, Lease, PartitionConsumer, PartitionState } from '../kafka/index.js'
import { BatchSource, type BatchSourceHooks } from './batch-source.js'
import { CommitPoints } from './commit-points.js'
import { DeadLetters } from './dead-letters.js'
import { lagOf } from './lag.js'
import { OffsetRenewal } from './offset-renewal.js'
import { type OpenReader, openReader } from './open-reader.js'
import { DEFAULT_OPEN_TIMEOUT_MS, wholeNumber } from './options.js'
import { type CheckedReaderOptions, checkReaderOptions, type KafkaChannelReaderOptions } from './reader-options.js'
import { ReaderStatus } from './reader-status.js'
import { checkSeekPlace, type SeekPlace } from './seek-place.js'

const COMMIT_TIMEOUT_MS = 60_000
const LAG_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 10_000

/**
 * Reads the records of a channel.
 *
 * ```ts
 * const reader = await KafkaChannelReader.open({ location, channelName, schema, group: { index: 0, size: 13 } })
 * for await (const batch of reader.batches()) {
 *   await work(batch.records)
 *   await reader.commit()
 * }
 * ```
 */
export class KafkaChannelReader<T = unknown> implements ChannelReader<T> {
  readonly channelName: string
  /** This reader's place in its group. */
  readonly group: GroupMember
  readonly #maxBatchRecords: number
  readonly #consumer: PartitionConsumer
  readonly #lease: Lease<ConsumerClient>
  readonly #status: ReaderStatus
  readonly #commitPoints: CommitPoints
  readonly #source: BatchSource<T>
  readonly #deadLetters: DeadLetters | undefined
  readonly #stopRenewal: () => void
  /** Before it began. */
  readonly #lost: number
  #topicsKept: string | undefined
  #closing: Promise<void> | undefined

  private constructor(options: CheckedReaderOptions<T>, open: OpenReader) {
    this.channelName = options.channelName
    this.group = options.group
    this.#maxBatchRecords = options.maxBatchRecords
    this.#consumer = open.consumer
    this.#lease = open.client
    this.#commitPoints = new CommitPoints(open)
    this.#deadLetters = open.deadLetters && new DeadLetters(open.deadLetters, open.consumer, options.name)
    const hooks: BatchSourceHooks = {
      check: () => this.#throwIfUnusable(),
      onEmpty: () => this.#status.lookForEnd(),
      commit: (partition, next, leaderEpoch, options) => this.#commit(partition, next, leaderEpoch, options)
    }
    this.#source = new BatchSource(options, open, this.#commitPoints, hooks, this.#deadLetters)
    this.#status = new ReaderStatus(options, open, partition => this.#source.doneWith(partition))
    this.#lost = open.lost
    this.#stopRenewal = OffsetRenewal.of(open.client.client).add({
      isCurrent: deadline => this.#status.isCurrent(deadline),
      renew: isWanted => this.#commitPoints.renew(isWanted)
    })
  }

  /**
   * Opens one member of a group. The principal creates the topics if there are none, with a partition per member; the
   * others wait for them. Begins at the group's committed offset; where there is none, at the beginning of the log, if
   * that is whole and the group is not known to have committed in it.
   *
   * An open reader keeps the process alive until it is closed.
   *
   * @throws ConfigurationError, SchemaError, TypeError, RangeError before anything connects
   * @throws OffsetsExpiredError when the group has committed, and Kafka has forgotten it; OffsetOutOfRangeError when it
   *   has not, and the first records are gone already; neither with `onOffsetOutOfRange: 'earliest'`
   * @throws ChannelError when the topic has too few partitions, the group another size, or the member is open already
   * @throws TimeoutError when there is no broker or no topic within `timeoutMs`
   */
  static async open<T = unknown>(options: KafkaChannelReaderOptions<T>): Promise<KafkaChannelReader<T>> {
    const checked = checkReaderOptions(options)
    return new KafkaChannelReader<T>(checked, await openReader(checked, new Deadline(options, DEFAULT_OPEN_TIMEOUT_MS)))
  }

  /** The partitions that this member reads: its index, and after a scale-down those of members that are gone. */
  get partitions(): readonly number[] {
    return this.#consumer.partitions.map(({ number }) => number)
  }

  /** Offset of the next record of the member's own partition, the one of its index. */
  get position(): number {
    return this.#source.position(this.#consumer.partitions[0] as PartitionState)
  }

  /** Whether all writers have stopped and everything they wrote to this member's partitions is handed out. */
  get isFinished(): boolean {
    return this.#status.isFinished
  }

  /**
   * After `close()` of a principal that had read and committed everything: why it has not deleted the topics; undefined
   * where it has, or was told not to.
   */
  get topicsKept(): string | undefined {
    return this.#topicsKept
  }

  /** The other ends of the channel, and this one, as their status messages show them. */
  get peers(): readonly PeerRecord[] {
    return this.#status.peers
  }

  /**
   * What librdkafka last said of this reader's client, which others of the process may share: for
   * `channelConfig: { 'statistics.interval.ms': 1000 }`; without it there are no values.
   */
  get statistics(): ClientStatistics {
    return this.#lease.client.statistics.snapshot
  }

  /** Records that could not be decoded and were passed over, with `onUndecodable: 'skip'`. */
  get skipped(): number {
    return this.#source.skipped
  }

  /**
   * Records that could not be decoded and stand in the topic of dead letters, with `onUndecodable: 'dead-letter'`. One
   * that was read twice counts twice.
   */
  get deadLettered(): number {
    return this.#deadLetters?.written ?? 0
  }

  /**
   * Records that were removed from the log before this reader came to them, and passed over with
   * `onOffsetOutOfRange: 'earliest'`. Counted in offsets: transaction markers and gaps among them count too.
   */
  get lost(): number {
    return this.#lost + this.#source.lost
  }

  /**
   * Goes on at another offset: over a record that cannot be decoded, back to read again, to where the log begins now.
   * What `commit()` commits goes with it, but never below what is committed already, unless `read()` had said that the
   * log does not have that, and it lies beyond its end. It holds at once; the promise only tells of what is wrong with
   * `place`.
   *
   * @param place - `offset`: of the next record, from 0; `partition`: may be left out by a member that reads only one.
   *   Over the record of an error: `seek({ partition: error.partition, offset: error.offset + 1 })`
   * @throws TypeError for what is no place; RangeError for a partition that this member does not read, or what is no offset
   */
  seek(place: SeekPlace): Promise<void> {
    try {
      this.#seek(place)
      return Promise.resolve()
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  #seek(place: SeekPlace): void {
    if (this.#closing) throw this.#closedError()
    const { partition, offset } = checkSeekPlace(place, this.#consumer)
    this.#commitPoints.seek(partition, offset)
    this.#source.seek(partition, offset)
  }

  /**
   * The next records of one partition, waiting while there are none.
   *
   * @param options - `maxRecords`: at most the reader's `maxBatchRecords`, which is the default; `timeoutMs`: none by
   *   default, so that it waits until there are records, the signal is aborted, or the reader is closed
   * @throws UndecodableRecordError at a record that is not what its schema says, now and at each further call
   * @throws DeadLetterError at a record whose dead letter could not be written, now and at each further call until a seek
   * @throws OffsetOutOfRangeError when records were removed before this group read them
   * @throws CodecMissingError at records whose compression this build of librdkafka lacks, now and at each further call
   * @throws ChannelError `ERR_MILLRACE_END_OF_DATA` when all writers have stopped and everything is handed out;
   *   `ERR_MILLRACE_PEER_LOST`, `ERR_MILLRACE_PEER_FAILED`, `ERR_MILLRACE_SUPERSEDED`, `ERR_MILLRACE_TOPIC_REPLACED` when
   *   it cannot go on; `ERR_MILLRACE_CHANNEL_CLOSED` when the reader is or gets closed
   */
  async read(options: ReadOptions = {}): Promise<Batch<T>> {
    const deadline = new Deadline(options, Infinity)
    const most = this.#limit(options.maxRecords)
    const what = `records of ${this.channelName}`
    for (;;) {
      deadline.signal?.throwIfAborted()
      const batch = await this.#source.next(most)
      if (batch) return batch
      if (this.isFinished) throw this.#endOfData()
      // Once more, in the same step as the wait begins: it may have been closed since `#next` looked.
      this.#throwIfUnusable()
      this.#source.check()
      await deadline.wait(this.#source.whenReady(), what)
    }
  }

  /**
   * Reads batch after batch. The loop ends when all writers have stopped and everything is handed out, when the reader is
   * closed, or the signal is aborted; leaving it closes nothing. An error of `read()` comes out of it.
   */
  async *batches(options: BatchesOptions = {}): AsyncGenerator<Batch<T>, void, void> {
    const { signal } = new Deadline(options, Infinity)
    const most = this.#limit(options.maxRecords)
    const wake = (): void => this.#consumer.wake()
    if (signal) {
      setMaxListeners(0, signal)
      signal.addEventListener('abort', wake)
    }
    const isOver = (): boolean => signal?.aborted === true || this.#closing !== undefined || this.isFinished
    try {
      while (!isOver()) {
        let batch = await this.#source.next(most)
        if (batch) {
          yield batch
          // Else the generator would hold it while it waits for the next one, in each of 1,000 readers.
          batch = undefined
        } else if (!isOver()) {
          // Asked in the same step as the wait begins, or a wake-up between the two would be lost.
          await this.#source.whenReady()
        }
      }
    } catch (error) {
      if (!this.#closing) throw error
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }

  /**
   * Commits everything handed out so far; does nothing when that is committed already.
   *
   * @param options - `timeoutMs`: default 60,000
   * @throws TimeoutError when no answer came: the outcome is unknown, and the commit is still on its way
   * @throws BrokerError when the broker refused it
   * @throws DeadLetterError when the dead letter of a record that it would cover could not be written
   */
  async commit(options: WaitOptions = {}): Promise<void> {
    const deadline = new Deadline(options, COMMIT_TIMEOUT_MS)
    if (this.#closing) throw this.#closedError()
    const commitOne = (partition: PartitionState): Promise<void> =>
      this.#commitBehind(partition, this.#source.handedOut(partition), partition.leaderEpoch, deadline)
    await Promise.all(this.#consumer.partitions.map(commitOne))
  }

  /**
   * How far this reader is behind the end of its partitions, in offsets: transaction markers and gaps count too.
   *
   * @param options - `timeoutMs`: default 10,000
   * @returns `null` when no broker answered
   */
  async lag(options: WaitOptions = {}): Promise<number | null> {
    const deadline = new Deadline(options, LAG_TIMEOUT_MS)
    if (this.#closing) throw this.#closedError()
    return await lagOf(this.#consumer, partition => this.#source.position(partition), deadline)
  }

  /**
   * Gives the partitions back. Commits nothing; waits for commits that are under way. What waits in `read()` rejects.
   * Idempotent: further calls return the same promise. At the channel's end, with everything committed, the principal's
   * waits within the deadline until all others have closed, and deletes the topics unless `resources` says otherwise;
   * `topicsKept` then tells why it could not.
   *
   * @param options - `timeoutMs`: default 10,000, or until the signal, after which commits under way are given up. Their
   *   client is gone within about 2 seconds more, whatever the broker does, and then holds the process no longer
   */
  close(options: WaitOptions = {}): Promise<void> {
    if (this.#closing) return this.#closing
    try {
      this.#closing = this.#close(new Deadline(options, CLOSE_TIMEOUT_MS))
      return this.#closing
    } catch (error) {
      // Of options that cannot be; it is not closed by them.
      return Promise.reject(error as Error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(deadline: Deadline): Promise<void> {
    this.#source.close()
    this.#stopRenewal()
    const letters = this.#deadLetters
    if (letters) await deadline.wait(letters.settled(), 'the last dead letters').catch(() => undefined)
    await deadline.wait(this.#commitPoints.settled(), 'the commits under way').catch(() => undefined)
    const isCommitted = this.#commitPoints.coverAll()
    try {
      this.#topicsKept = await this.#status.close(isCommitted, deadline)
    } finally {
      await Promise.all([this.#lease.release(deadline), letters?.close(deadline)])
    }
  }

  #limit(maxRecords: number | undefined): number {
    const most = this.#maxBatchRecords
    return wholeNumber('maxRecords (at most the maxBatchRecords of the reader)', maxRecords, most, 1, most)
  }

  async #commit(partition: PartitionState, next: number, leaderEpoch: number, options: WaitOptions): Promise<void> {
    const deadline = new Deadline(options, COMMIT_TIMEOUT_MS)
    if (this.#closing) throw this.#closedError()
    await this.#commitBehind(partition, next, leaderEpoch, deadline)
  }

  /** No commit passes a record before its dead letter is acknowledged. */
  #commitBehind(partition: PartitionState, next: number, leaderEpoch: number, deadline: Deadline): Promise<void> {
    const commit = (): Promise<void> => this.#commitPoints.commit(partition, next, leaderEpoch, deadline)
    return this.#deadLetters ? this.#deadLetters.commitBehind(partition, next, deadline, commit) : commit()
  }

  #endOfData(): ChannelError {
    const message = `all of ${this.channelName} is read: its writers have stopped, and this member has everything they wrote`
    return new ChannelError('ERR_MILLRACE_END_OF_DATA', message)
  }

  #throwIfUnusable(): void {
    if (this.#closing) throw this.#closedError()
    if (this.#status.failure) throw this.#status.failure
  }

  #closedError(): ChannelError {
    return new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', `the reader of ${this.channelName} is closed`)
  }
}
