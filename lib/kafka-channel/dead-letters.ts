/**
 * The dead letters of a reader: records that it could not decode, on their way to a topic of their own. Reading goes on
 * meanwhile; no commit passes a record before its letter is acknowledged.
 */
import { Deadline } from '../deadline.js'
import { BrokerError, ChannelError, DeadLetterError } from '../errors.js'
import { type Message, MessageProducer, type PartitionConsumer, type PartitionState } from '../kafka/index.js'
import { deadLetterOf, sizeOf } from './dead-letter.js'
import { type OpenDeadLetters, replaceDeadLetterProducer } from './open-dead-letters.js'

/** Beyond these nothing more is drained until some are acknowledged. What one drain brings may come on top. */
const MOST_OPEN = 1000
const MOST_OPEN_BYTES = 1024 * 1024

/** One that is not acknowledged. */
interface Letter {
  readonly partition: PartitionState
  readonly offset: number
  readonly reason: string
  readonly bytes: number
  /** Resolves when it is known what became of it, or nobody will know any more. */
  readonly settled: Promise<void>
  readonly settle: () => void
}

export class DeadLetters {
  readonly #producer: MessageProducer
  readonly #open = new Set<Letter>()
  readonly #commits = new Set<Promise<void>>()
  #openBytes = 0
  #written = 0
  /** Where reading cannot go on, of each partition the lowest. */
  readonly #failures = new Map<PartitionState, { readonly error: DeadLetterError; isTold: boolean }>()
  /** Reading went back in front of letters that failed, and until it is past `upTo` it meets them again. */
  readonly #again = new Map<PartitionState, { readonly upTo: number; readonly error: DeadLetterError }>()
  #isClosed = false

  /** @param reader - its name, for the letters */
  constructor(
    private readonly open: OpenDeadLetters,
    private readonly consumer: PartitionConsumer,
    private readonly reader: string
  ) {
    this.#producer = new MessageProducer(open.producer.client, open.topic.name)
  }

  /** How many were acknowledged. */
  get written(): number {
    return this.#written
  }

  /** Whether no more should be drained for now; the consumer is woken when that has passed. */
  get isFull(): boolean {
    return this.#open.size >= MOST_OPEN || this.#openBytes >= MOST_OPEN_BYTES
  }

  /** Begins to write the letter of a record that reading has passed. */
  send(partition: PartitionState, record: Message, reason: string): void {
    const { topic } = this.consumer
    const note = { topic, partition: partition.number, reason, reader: this.reader, time: Date.now() }
    const message = deadLetterOf(record, note)
    let settle!: () => void
    const settled = new Promise<void>(resolve => (settle = resolve))
    const letter: Letter = { partition, offset: record.offset, reason, bytes: sizeOf(message), settled, settle }
    this.#open.add(letter)
    this.#openBytes += letter.bytes
    // Letters of one partition of the data keep their order.
    const target = partition.number % this.open.topic.partitionCount
    // Its end is librdkafka's: `message.timeout.ms`.
    this.#producer.send(target, message, new Deadline({}, Infinity)).then(
      () => this.#settle(letter),
      (cause: unknown) => this.#settle(letter, cause as Error)
    )
  }

  /** Throws why reading cannot go on. */
  check(): void {
    const [failure] = this.#failures.values()
    if (!failure) return
    failure.isTold = true
    throw failure.error
  }

  /** @returns the offset of the record of a partition at which reading stands, as its letter could not be written */
  failedAt(partition: PartitionState): number | undefined {
    return this.#failures.get(partition)?.error.offset
  }

  /** @returns `offset`, or that of the first record before it whose letter is not acknowledged */
  acknowledgedUpTo(partition: PartitionState, offset: number): number {
    let lowest = offset
    for (const letter of this.#open) {
      if (letter.partition === partition && letter.offset < lowest) lowest = letter.offset
    }
    return lowest
  }

  /** To be called before reading goes on at `offset`. */
  seek(partition: PartitionState, offset: number): void {
    const failure = this.#failures.get(partition)
    if (!failure) return
    const isBack = offset <= failure.error.offset
    // Over one that nobody was told about, only a seek by chance would lead.
    if (!isBack && !failure.isTold) return
    this.#failures.delete(partition)
    if (isBack) this.#meetAgain(partition, partition.position - 1, failure.error)
  }

  /**
   * Commits `offset` of a partition when all letters of records before it are acknowledged.
   * @throws DeadLetterError when one of them was not written
   */
  async commitBehind(
    partition: PartitionState,
    offset: number,
    deadline: Deadline,
    commit: () => Promise<void>
  ): Promise<void> {
    const committing = this.#acknowledged(partition, offset, deadline).then(commit)
    this.#commits.add(committing)
    await committing.finally(() => this.#commits.delete(committing))
  }

  async #acknowledged(partition: PartitionState, offset: number, deadline: Deadline): Promise<void> {
    const what = `the acknowledgement of dead letters to ${this.#producer.topic}, of records before offset ${offset} of`
    for (;;) {
      this.#refuseUnwritten(partition, offset)
      const letter = this.#firstOpen(partition, offset)
      if (!letter) return
      if (this.#isClosed) throw this.#closed()
      await deadline.wait(letter.settled, `${what} ${this.consumer.topic} [${partition.number}]`)
    }
  }

  /** Resolves when no letter is open any more, nor a commit that waited for one. */
  async settled(): Promise<void> {
    for (let [letter] = this.#open; letter && !this.#isClosed; [letter] = this.#open) await letter.settled
    await Promise.allSettled(this.#commits)
  }

  /** Gives up what is still open: none of it is committed, so the records will be met again. */
  async close(deadline: Deadline): Promise<void> {
    this.#isClosed = true
    for (const { settle } of this.#open) settle()
    this.#producer.close()
    await this.open.producer.release(deadline)
  }

  #settle(letter: Letter, cause?: Error): void {
    const wasFull = this.isFull
    this.#open.delete(letter)
    this.#openBytes -= letter.bytes
    letter.settle()
    if (this.#isClosed) return
    if (cause) this.#fail(letter, cause)
    else this.#written++
    // Who waits for room looks again, and who waits for the end of the channel.
    if (wasFull !== this.isFull || this.#open.size === 0) this.consumer.wake()
  }

  #fail({ partition, offset, reason }: Letter, cause: Error): void {
    const { consumer, open } = this
    if (cause instanceof BrokerError && cause.isFatal) replaceDeadLetterProducer(open.producer.client)
    const error = new DeadLetterError(consumer.topic, partition.number, offset, reason, this.#producer.topic, cause)
    if (partition.position <= offset) return this.#meetAgain(partition, offset, error)
    const known = this.#failures.get(partition)
    if (!known || offset < known.error.offset) this.#failures.set(partition, { error, isTold: false })
    consumer.wake()
  }

  #meetAgain(partition: PartitionState, upTo: number, error: DeadLetterError): void {
    this.#again.set(partition, { upTo: Math.max(upTo, this.#again.get(partition)?.upTo ?? -1), error })
  }

  /** A `done()` of what was handed out before reading went back must not pass what is met again. */
  #refuseUnwritten(partition: PartitionState, offset: number): void {
    const failed = this.#failures.get(partition)?.error
    if (failed && failed.offset < offset) throw failed
    const again = this.#again.get(partition)
    if (!again) return
    if (partition.position > again.upTo) this.#again.delete(partition)
    else if (offset > partition.position) throw again.error
  }

  #firstOpen(partition: PartitionState, before: number): Letter | undefined {
    for (const letter of this.#open) if (letter.partition === partition && letter.offset < before) return letter
    return undefined
  }

  #closed(): ChannelError {
    const message = `the reader of ${this.consumer.topic} was closed before all of its dead letters were acknowledged`
    return new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', message)
  }
}
