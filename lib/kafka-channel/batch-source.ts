/** The batches of a reader: what its partitions have, decoded, and where it stands in each of them. */
import type { BatchDecoder } from '../avro/index.js'
import type { Batch } from '../channel/index.js'
import type { WaitOptions } from '../deadline.js'
import { BrokerError, OffsetOutOfRangeError } from '../errors.js'
import {
  type ConsumerClient,
  type Drained,
  flag,
  kafkaCode,
  type Message,
  type PartitionConsumer,
  type PartitionState
} from '../kafka/index.js'
import type { CommitPoints } from './commit-points.js'
import type { DeadLetters } from './dead-letters.js'
import { type DecodedDrain, decodeDrained } from './decode-drained.js'
import { Gaps } from './gaps.js'
import { type BadRecord, Obstacle } from './obstacle.js'
import type { OpenReader } from './open-reader.js'
import { queueError } from './queue-error.js'
import type { CheckedReaderOptions } from './reader-options.js'
import type { WriterSchemas } from './writer-schemas.js'

/** What its reader does for it. */
export interface BatchSourceHooks {
  /** Throws when the reader can give nothing any more. */
  readonly check: () => void
  /** Called when nothing is left to hand out at this moment. */
  readonly onEmpty: () => void
  /** The `done()` of a batch. @param next - the offset behind it */
  readonly commit: (partition: PartitionState, next: number, leaderEpoch: number, options: WaitOptions) => Promise<void>
}

export class BatchSource<T> {
  readonly #decoder: BatchDecoder<T>
  readonly #consumer: PartitionConsumer
  readonly #client: ConsumerClient
  readonly #schemas: WriterSchemas
  readonly #passesUndecodable: boolean
  readonly #deadLetters: DeadLetters | undefined
  readonly #gaps: Gaps
  readonly #passesGaps: boolean
  readonly #obstacle: Obstacle
  #skipped = 0

  constructor(
    options: CheckedReaderOptions<T>,
    { consumer, client, schemas }: OpenReader,
    private readonly commitPoints: CommitPoints,
    private readonly hooks: BatchSourceHooks,
    deadLetters: DeadLetters | undefined
  ) {
    this.#decoder = options.decoder
    this.#consumer = consumer
    this.#client = client.client
    this.#schemas = schemas
    this.#deadLetters = deadLetters
    this.#passesUndecodable = options.skipsUndecodable || deadLetters !== undefined
    this.#passesGaps = options.passesGaps
    const passOver = (partition: PartitionState, record: BadRecord): void => this.#passOver(partition, record)
    this.#obstacle = new Obstacle(consumer, schemas, this.#passesUndecodable ? passOver : undefined)
    this.#gaps = new Gaps(consumer, (partition, offset, error) => this.#obstacle.stop(partition, offset, error))
  }

  /** Records that could not be decoded and were passed over. */
  get skipped(): number {
    return this.#skipped
  }

  /** Offsets of records that were removed from the log and passed over. */
  get lost(): number {
    return this.#gaps.lost
  }

  /** Throws what stands in the way. */
  check(): void {
    this.#deadLetters?.check()
    this.#obstacle.check()
  }

  /** @returns undefined when there is nothing to read at this moment */
  async next(most: number): Promise<Batch<T> | undefined> {
    const { turn } = this.#client
    for (;;) {
      if (turn.exhausted) await turn.exhausted
      this.hooks.check()
      this.check()
      if (this.#isHeldUp) return undefined
      const drained = this.#consumer.drain(most, this.#deadLetters !== undefined)
      if (!drained) {
        this.hooks.onEmpty()
        return undefined
      }
      const batch = this.#decode(drained)
      if (batch) return batch
    }
  }

  /** Resolves when it is worth asking for the next batch again. */
  whenReady(): Promise<void> {
    return this.#isHeldUp ? this.#consumer.whenWoken() : this.#consumer.whenReady()
  }

  /** Reading goes on at another offset of a partition. */
  seek(partition: PartitionState, offset: number): void {
    this.#deadLetters?.seek(partition, offset)
    this.#obstacle.forget(partition)
    this.#gaps.forget(partition)
    this.#consumer.seek(partition, offset)
  }

  close(): void {
    this.#gaps.close()
    this.#obstacle.close()
    this.#consumer.close()
  }

  /** The offset behind everything handed out of a partition; -1 while there is nothing. */
  handedOut(partition: PartitionState): number {
    const offset = this.#deadLetters?.failedAt(partition) ?? this.#obstacle.offsetIn(partition)
    // At the very beginning it stands in front of everything: a commit leaves it at that.
    return offset === partition.start.offset ? -1 : (offset ?? partition.position)
  }

  /** As `position`, but in front of the first record whose dead letter is not acknowledged. */
  doneWith(partition: PartitionState): number {
    const position = this.position(partition)
    return this.#deadLetters?.acknowledgedUpTo(partition, position) ?? position
  }

  /** Where reading stands, also before anything was handed out. */
  position(partition: PartitionState): number {
    const offset = this.handedOut(partition)
    return offset < 0 ? partition.start.offset : offset
  }

  /** @returns undefined when there is no good record: then something stands in the way, or was passed over */
  #decode({ partition, count }: Drained): Batch<T> | undefined {
    const { buffers } = this.#client
    if (((buffers.flags[0] as number) & flag.error) !== 0) {
      const message = buffers.slab.toString('utf8', 0, buffers.ends[0])
      this.#meet(partition, { code: buffers.timestamps[0] as number, message })
      return undefined
    }
    const decoded = this.#decodeBuffers(partition, count)
    if (!decoded) return undefined
    const { records, firstOffset, lastOffset, timestamps, passedOver, undecodable } = decoded
    for (const { index, reason } of passedOver) {
      this.#passOver(partition, { offset: buffers.offsets[index] as number, reason, message: this.#messageAt(index) })
    }
    if (undecodable) {
      const { index, offset, reason, unknownSchema } = undecodable
      this.#obstacle.stopAtRecord(partition, { offset, reason, message: this.#messageAt(index) }, unknownSchema)
    }
    if (records.length === 0) return undefined
    // What done() commits: its values now, not those after the next drain.
    const next = this.handedOut(partition)
    const { leaderEpoch } = partition
    const done = (options: WaitOptions = {}): Promise<void> => this.hooks.commit(partition, next, leaderEpoch, options)
    return { records, partition: partition.number, firstOffset, lastOffset, timestamps, done }
  }

  /** Whatever is thrown in there stands in front of what was drained: reading has moved behind it already. */
  #decodeBuffers(partition: PartitionState, count: number): DecodedDrain<T> | undefined {
    const { buffers } = this.#client
    try {
      return decodeDrained(this.#decoder, this.#schemas, buffers, count, this.#passesUndecodable)
    } catch (error) {
      this.#obstacle.stop(partition, buffers.offsets[0] as number, error as Error)
      return undefined
    }
  }

  #passOver(partition: PartitionState, { reason, message }: BadRecord): void {
    if (this.#deadLetters && message) this.#deadLetters.send(partition, message, reason)
    else this.#skipped++
  }

  /** A record of the last drain, where it may become a dead letter. */
  #messageAt(index: number): Message | undefined {
    return this.#deadLetters && this.#client.drained(index)
  }

  /** Whether nothing is to be drained at this moment. */
  get #isHeldUp(): boolean {
    return this.#obstacle.isThere || this.#deadLetters?.isFull === true
  }

  /** Instead of records, the queue of a partition has an error. */
  #meet(partition: PartitionState, error: { readonly code: number; readonly message: string }): void {
    const place = { topic: this.#consumer.topic, partition: partition.number, offset: this.position(partition) }
    const named = queueError(place, error)
    // Told only once per assignment: without a new one, the next read would wait without a word.
    if (error.code === kafkaCode.topicAuthorizationFailed) this.#consumer.seek(partition, place.offset)
    if (named instanceof BrokerError) throw named
    if (named instanceof OffsetOutOfRangeError) this.commitPoints.outOfRange(partition, place.offset)
    if (this.#passesGaps && named instanceof OffsetOutOfRangeError) this.#gaps.pass(partition, named)
    else this.#obstacle.stop(partition, place.offset, named)
  }
}
