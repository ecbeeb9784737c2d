/** The writing end of a channel on Kafka. */
import { BatchEncoder, type RecordType, SlabPool } from '../avro/index.js'
import {
  ByKey,
  type ChannelWriter,
  type Distribution,
  type PeerRecord,
  RoundRobin,
  startPartition
} from '../channel/index.js'
import { Deadline, type WaitOptions } from '../deadline.js'
import {
  ChannelError,
  ConfigurationError,
  type MillraceError,
  TimeoutError,
  type WriteCounts,
  WriteError
} from '../errors.js'
import { type ClientStatistics, type Lease, type ProducerClient, TopicProducer, writeError } from '../kafka/index.js'
import { openWriter, type OpenWriter, writerClients } from './open-writer.js'
import { DEFAULT_OPEN_TIMEOUT_MS } from './options.js'
import { type CheckedWriterOptions, checkWriterOptions, type KafkaChannelWriterOptions } from './writer-options.js'
import { WriterStatus } from './writer-status.js'

const slabs = new SlabPool()

/**
 * A request to a broker carries one partition, so with many of them it is full only if much is on its way: measured
 * with 1,000 partitions and 100-byte records, 16 MiB in all gave 0.7 M records/s and 64 MiB 1.1 M.
 */
const BUFFER_BYTES = 16 * 1024 * 1024
const BUFFER_BYTES_PER_PARTITION = 48 * 1024
/** Behind librdkafka's `message.timeout.ms` of 5 minutes, within which every record is settled. */
const SETTLE_TIMEOUT_MS = 310_000
/** For giving back what a writer shares, when its own deadline is over. */
const RELEASE_TIMEOUT_MS = 1000

/**
 * Writes records to a channel, acknowledged by all in-sync replicas, one partition further with each record.
 *
 * ```ts
 * const writer = await KafkaChannelWriter.open({ location: 'localhost:9092', channelName: 'plant.press.samples', schema })
 * await writer.write([{ i: 1 }, { i: 2 }])
 * await writer.close() // all of it is acknowledged
 * ```
 */
export class KafkaChannelWriter<T = unknown> implements ChannelWriter<T> {
  readonly channelName: string
  readonly #encoder: BatchEncoder
  readonly #distribution: Distribution<T>
  readonly #producer: TopicProducer
  readonly #lease: Lease<ProducerClient>
  readonly #status: WriterStatus
  readonly #bufferBytes: number
  readonly #isNamed: boolean
  /** A 1 for each partition that got a record. */
  readonly #written: Uint8Array
  #groupSize: number
  #failure: Error | undefined
  /** What the broker answered, of a record that was not acknowledged. */
  #cause: MillraceError | undefined
  #closing: Promise<void> | undefined

  private constructor(options: CheckedWriterOptions<T>, open: OpenWriter) {
    const { channelName, type, encoding, limits, name, partitionBy } = options
    const { client: lease, ids } = open
    const { partitionCount } = ids.data
    this.channelName = channelName
    this.#isNamed = options.isNamed
    this.#written = new Uint8Array(partitionCount)
    this.#lease = lease
    this.#status = new WriterStatus(options as CheckedWriterOptions<unknown>, open, () => this.#look())
    const size = (this.#groupSize = this.#status.groupSize)
    const start = encoding === 'plain' ? 0 : startPartition(name, size)
    this.#distribution = partitionBy ? new ByKey(size, partitionBy) : new RoundRobin(size, start)
    this.#encoder = new BatchEncoder(type as RecordType, encoding, slabs, lease.client.maxRecordBytes, limits)
    this.#bufferBytes = options.writeBufferBytes ?? BUFFER_BYTES + partitionCount * BUFFER_BYTES_PER_PARTITION
    this.#producer = new TopicProducer(lease.client, {
      topic: channelName,
      bufferBytes: this.#bufferBytes,
      giveBack: slab => slabs.giveBack(slab),
      onFailed: () => this.#failed()
    })
  }

  /**
   * Waits until the channel's topics are there, which its principal reader creates.
   *
   * @throws ConfigurationError, SchemaError, TypeError, RangeError before anything connects
   * @throws TimeoutError when there is no broker or no topic within `timeoutMs`
   */
  static async open<T = unknown>(options: KafkaChannelWriterOptions<T>): Promise<KafkaChannelWriter<T>> {
    const checked = checkWriterOptions(options)
    const deadline = new Deadline(options, DEFAULT_OPEN_TIMEOUT_MS)
    return new KafkaChannelWriter<T>(checked, await openWriter(checked as CheckedWriterOptions<unknown>, deadline))
  }

  /** The other ends of the channel, and this one, as their status messages show them. */
  get peers(): readonly PeerRecord[] {
    return this.#status.peers
  }

  /**
   * What librdkafka last said of this writer's client, which others of the process may share: for
   * `channelConfig: { 'statistics.interval.ms': 1000 }`; without it there are no values.
   */
  get statistics(): ClientStatistics {
    return this.#lease.client.statistics.snapshot
  }

  get counts(): WriteCounts {
    return this.#producer.counts
  }

  /**
   * Accepts a batch whole or not at all: everything is encoded before this returns, so later changes to a record do
   * not matter. Resolves when librdkafka has taken it, which is when the bounded buffer has room.
   *
   * @param records - an array; an empty one does nothing
   * @param options - `timeoutMs`: default 310,000. A batch whose wait ended goes on; only the caller no longer waits
   * @throws RecordError for the first record that does not fit; nothing of the batch is sent
   * @throws ChannelError `ERR_MILLRACE_BUFFER_FULL` when calls that nobody awaited already wait with twice the buffer
   * @throws WriteError when an earlier record of this writer failed for good
   * @throws ChannelError when a reader of the channel is lost or has failed, another of its name has opened, or the topics
   *   are gone
   */
  async write(records: readonly T[], options: WaitOptions = {}): Promise<void> {
    this.#throwIfUnusable()
    if (!Array.isArray(records)) throw new TypeError('write takes an array of records')
    const deadline = new Deadline(options, SETTLE_TIMEOUT_MS)
    deadline.signal?.throwIfAborted()
    if (records.length === 0) return
    if (this.#producer.waitingWeight > 2 * this.#bufferBytes) {
      throw new ChannelError(
        'ERR_MILLRACE_BUFFER_FULL',
        `${this.#producer.waitingBytes} bytes of earlier writes to ${this.channelName} still wait for room: ` +
          'await write(), or set writeBufferBytes'
      )
    }
    const encoded = this.#encoder.encode(records)
    const partitions = this.#distribution.take(records as readonly T[])
    for (const partition of partitions) this.#written[partition] = 1
    const sent = this.#producer.send({ ...encoded, partitions })
    // Nothing waits, so all of it was taken. In a loop that awaits nothing no promise ends: each is as small as can be.
    if (this.#producer.waitingWeight === 0) return
    const what = `room in the write buffer of ${this.channelName}`
    try {
      await deadline.wait(sent, what)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      throw new TimeoutError(`${what}; the batch goes on by itself`, error.timeoutMs, { isRetriable: false })
    }
  }

  /**
   * Resolves when everything accepted so far is acknowledged.
   * @param options - `timeoutMs`: default 310,000
   * @throws WriteError with the counts when a record failed for good
   */
  async flush(options: WaitOptions = {}): Promise<void> {
    this.#throwIfUnusable()
    await this.#settle(new Deadline(options, SETTLE_TIMEOUT_MS))
  }

  /**
   * Flushes, tells the readers where this writer has ended, and gives everything back whatever comes of it. Idempotent:
   * further calls return the same promise.
   * @param options - `timeoutMs`: default 310,000
   * @throws WriteError with the counts when not all records were acknowledged
   */
  close(options: WaitOptions = {}): Promise<void> {
    return this.#endOnce(options, true)
  }

  /**
   * Flushes and gives everything back as `close()` does, but the channel does not end here: for a process that is stopped
   * in the middle of its work and started again. Its readers wait for a writer of the same `name`, and fail with
   * `ERR_MILLRACE_PEER_LOST` if none opens within their `patienceMs`, unless they have `onPeerLost: 'wait'`. So the writer
   * has to have a `name`. Idempotent, and nothing after `close()`: the first of the two calls holds.
   * @param options - `timeoutMs`: default 310,000
   * @throws ConfigurationError when it was opened without a `name`: then nothing happens, and it is still open
   * @throws WriteError with the counts when not all records were acknowledged
   */
  leave(options: WaitOptions = {}): Promise<void> {
    return this.#endOnce(options, false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #endOnce(options: WaitOptions, isEnd: boolean): Promise<void> {
    if (this.#closing) return this.#closing
    if (!isEnd && !this.#isNamed) return Promise.reject(this.#unnamedError())
    try {
      this.#closing = this.#close(new Deadline(options, SETTLE_TIMEOUT_MS), isEnd)
      return this.#closing
    } catch (error) {
      // Of options that cannot be; it is not closed by them.
      return Promise.reject(error as Error)
    }
  }

  async #close(deadline: Deadline, isEnd: boolean): Promise<void> {
    try {
      await this.#settle(deadline)
      const written = Array.from(this.#written.keys()).filter(partition => this.#written[partition] === 1)
      if (isEnd) await this.#status.close(written, deadline)
    } catch (error) {
      this.#status.fail(error as Error)
      if (!(error instanceof TimeoutError) || this.#producer.openRecords === 0) throw error
      this.#producer.abandon(this.#closedError())
      this.#producer.close()
      throw new WriteError(`closed the writer of ${this.channelName} at its deadline`, this.counts, { cause: error })
    } finally {
      this.#producer.abandon(this.#closedError())
      this.#producer.close()
      await this.#status.release(deadline.within(RELEASE_TIMEOUT_MS))
      await this.#lease.release(deadline)
    }
  }

  async #settle(deadline: Deadline): Promise<void> {
    const what = (): string => `the acknowledgement of ${this.#producer.openRecords} records of ${this.channelName}`
    await deadline.wait(this.#producer.whenSettled(), what)
    if (this.#failure) throw this.#failure instanceof WriteError ? this.#writeError() : this.#failure
    const { failed, unknown } = this.counts
    if (failed + unknown > 0)
      throw new WriteError(`the writer of ${this.channelName} was closed while flush() waited`, this.counts)
  }

  /** Something changed in what is known of the other ends. */
  #look(): void {
    if (this.#status.failure) this.#failure ??= this.#status.failure
    const size = this.#status.groupSize
    if (size === this.#groupSize) return
    this.#groupSize = size
    this.#distribution.resize(size)
  }

  /** A record was not acknowledged. */
  #failed(): void {
    const { client } = this.#lease
    const cause = writeError(`writing to ${this.channelName}`, this.#producer.firstCode, client, this.channelName)
    this.#cause = cause
    const error = (this.#failure = this.#writeError())
    if (client.fatalError) writerClients.replace(client)
    this.#producer.abandon(error)
    this.#status.fail(error)
  }

  /** Made anew each time, since the counts go on while librdkafka settles what it holds. */
  #writeError(): WriteError {
    const message = `a record could not be written to ${this.channelName}: later ones may stand in the log after it`
    return new WriteError(message, this.counts, { cause: this.#cause })
  }

  #throwIfUnusable(): void {
    if (this.#closing) throw this.#closedError()
    if (this.#failure) throw this.#failure instanceof WriteError ? this.#writeError() : this.#failure
  }

  #unnamedError(): ConfigurationError {
    const message =
      `leave() is for a writer that comes back under its name, and this one of ${this.channelName} was opened without: ` +
      'open it with a name, or close() it'
    return new ConfigurationError('name', message)
  }

  #closedError(): ChannelError {
    return new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', `the writer of ${this.channelName} is closed`)
  }
}
