/** The writing end of a channel on Kafka. */
import { hostname } from 'node:os'
import { BatchEncoder, type RecordType, SlabPool } from '../avro/index.js'
import { type ChannelWriter, RoundRobin, startPartition } from '../channel/index.js'
import { Deadline, type WaitOptions } from '../deadline.js'
import { ChannelError, type MillraceError, TimeoutError, type WriteCounts, WriteError } from '../errors.js'
import {
  brokerError,
  type ClientOptions,
  type Lease,
  ProducerClient,
  producerConfig,
  SharedClients,
  shareKey,
  TopicProducer,
  waitForTopic
} from '../kafka/index.js'
import {
  checkOptions,
  commonOptions,
  DEFAULT_OPEN_TIMEOUT_MS,
  type KafkaChannelOptions,
  refuseUnknown,
  wholeNumber
} from './options.js'

/** What `KafkaChannelWriter.open` takes. */
export interface KafkaChannelWriterOptions<T> extends KafkaChannelOptions<T> {
  /** The writer's name; decides at which partition it starts. By default one of this process's own. */
  readonly name?: string
  /**
   * Bytes that librdkafka holds of this writer at a time; default 16 MiB, and 48 KiB for each partition. `write()`
   * waits while it is full, and calls that are not awaited may wait with twice as much. A record counts as its bytes and
   * 64 more, a call that waits as another 512.
   */
  readonly writeBufferBytes?: number
}

const clients = new SharedClients<ProducerClient>()
const slabs = new SlabPool()

/**
 * A request to a broker carries one partition, so with many of them it is full only if much is on its way: measured
 * with 1,000 partitions and 100-byte records, 16 MiB in all gave 0.7 M records/s and 64 MiB 1.1 M.
 */
const BUFFER_BYTES = 16 * 1024 * 1024
const BUFFER_BYTES_PER_PARTITION = 48 * 1024
/** Behind librdkafka's `message.timeout.ms` of 5 minutes, within which every record is settled. */
const SETTLE_TIMEOUT_MS = 310_000
let opened = 0

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
  readonly #distribution: RoundRobin
  readonly #producer: TopicProducer
  readonly #lease: Lease<ProducerClient>
  readonly #bufferBytes: number
  #failure: MillraceError | undefined
  #closing: Promise<void> | undefined

  private constructor(
    channelName: string,
    encoder: BatchEncoder,
    distribution: RoundRobin,
    lease: Lease<ProducerClient>,
    bufferBytes: number
  ) {
    this.channelName = channelName
    this.#encoder = encoder
    this.#distribution = distribution
    this.#lease = lease
    this.#bufferBytes = bufferBytes
    this.#producer = new TopicProducer(lease.client, {
      topic: channelName,
      bufferBytes,
      giveBack: slab => slabs.giveBack(slab),
      onFailed: () => this.#fail()
    })
  }

  /**
   * Waits until the channel's topic is there, which its principal reader creates.
   *
   * @throws ConfigurationError, SchemaError, TypeError, RangeError before anything connects
   * @throws TimeoutError when there is no broker or no topic within `timeoutMs`
   */
  static async open<T = unknown>(options: KafkaChannelWriterOptions<T>): Promise<KafkaChannelWriter<T>> {
    const { client, channelName, type, encoding, limits } = checkOptions(options)
    refuseUnknown('a writer', options, [...commonOptions, 'name', 'writeBufferBytes'])
    const { writeBufferBytes, name = `${hostname()}.${process.pid}.${++opened}` } = options
    if (typeof name !== 'string' || name === '') throw new TypeError('name must be a text that is not empty')
    const fixedBufferBytes = wholeNumber('writeBufferBytes', writeBufferBytes, BUFFER_BYTES, 64 * 1024, 2 ** 40)
    const deadline = new Deadline(options, DEFAULT_OPEN_TIMEOUT_MS)
    let lease = await leaseProducer(client, 1, deadline)
    try {
      const topic = await waitForTopic(lease.client, channelName, deadline)
      // How a client batches depends on the topic's partitions; mostly this is the same client once more.
      const fitting = await leaseProducer(client, topic.partitionCount, deadline)
      await lease.release()
      lease = fitting
      const start = encoding === 'plain' ? 0 : startPartition(name, topic.partitionCount)
      const encoder = new BatchEncoder(type as RecordType, encoding, slabs, lease.client.maxRecordBytes, limits)
      const distribution = new RoundRobin(topic.partitionCount, start)
      const bufferBytes =
        writeBufferBytes === undefined
          ? BUFFER_BYTES + topic.partitionCount * BUFFER_BYTES_PER_PARTITION
          : fixedBufferBytes
      return new KafkaChannelWriter<T>(channelName, encoder, distribution, lease, bufferBytes)
    } catch (error) {
      await lease.release()
      throw error
    }
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
    const sent = this.#producer.send({ ...encoded, partitions: this.#distribution.take(encoded.ends.length) })
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
   * Flushes, and gives everything back whatever comes of it. Idempotent: further calls return the same promise.
   * @param options - `timeoutMs`: default 310,000
   * @throws WriteError with the counts when not all records were acknowledged
   */
  close(options: WaitOptions = {}): Promise<void> {
    if (this.#closing) return this.#closing
    try {
      this.#closing = this.#close(new Deadline(options, SETTLE_TIMEOUT_MS))
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
    try {
      await this.#settle(deadline)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      this.#producer.abandon(this.#closedError())
      this.#producer.close()
      throw new WriteError(`closed the writer of ${this.channelName} at its deadline`, this.counts, { cause: error })
    } finally {
      this.#producer.abandon(this.#closedError())
      this.#producer.close()
      await this.#lease.release(deadline)
    }
  }

  async #settle(deadline: Deadline): Promise<void> {
    const what = (): string => `the acknowledgement of ${this.#producer.openRecords} records of ${this.channelName}`
    await deadline.wait(this.#producer.whenSettled(), what)
    if (this.#failure) throw this.#failed()
    const { failed, unknown } = this.counts
    if (failed + unknown > 0)
      throw new WriteError(`the writer of ${this.channelName} was closed while flush() waited`, this.counts)
  }

  #fail(): void {
    const cause = brokerError(`writing to ${this.channelName}`, { code: this.#producer.firstCode, message: '' })
    this.#failure = cause
    if (this.#lease.client.fatalError) clients.replace(this.#lease.client)
    this.#producer.abandon(this.#failed())
  }

  /** Made anew each time, since the counts go on while librdkafka settles what it holds. */
  #failed(): WriteError {
    const message = `a record could not be written to ${this.channelName}: later ones may stand in the log after it`
    return new WriteError(message, this.counts, { cause: this.#failure })
  }

  #throwIfUnusable(): void {
    if (this.#closing) throw this.#closedError()
    if (this.#failure) throw this.#failed()
  }

  #closedError(): ChannelError {
    return new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', `the writer of ${this.channelName} is closed`)
  }
}

function leaseProducer(
  options: ClientOptions,
  partitionCount: number,
  deadline: Deadline
): Promise<Lease<ProducerClient>> {
  const config = producerConfig(options, partitionCount)
  return clients.lease(
    shareKey(config),
    options.bootstrapServers,
    () => ProducerClient.connect(config, deadline),
    deadline
  )
}
