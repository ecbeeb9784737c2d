/**
 * The partitions of one reader on a shared consumer client: where they stand, what they have, and who waits for it.
 */
import { readError } from './broker-error.js'
import type { ConsumerClient } from './consumer-client.js'
import { type Message, messageOf } from './message.js'

/** What a drain put into the client's buffers; valid until the next drain of any partition of the client. */
export interface Drained {
  readonly partition: PartitionState
  readonly count: number
}

/** Messages of one partition, in their order. */
export interface DrainedMessages {
  readonly partition: PartitionState
  /** At least one. */
  readonly messages: readonly Message[]
}

/** Where a partition's reading begins: explicitly, since librdkafka's own search for it can hang for ever. */
export interface Start {
  readonly partition: number
  readonly offset: number
  /** Whether the group has committed it; else it is the beginning of the log. */
  readonly isCommitted: boolean
}

/** One partition of a reader. */
export class PartitionState {
  /** Whether its queue may hold something: set by a wake-up, cleared by a drain that finds nothing. */
  isReady = true
  /**
   * The offset of the first record not drained yet, past transaction markers and gaps; -1 before the first. A drain is
   * handed out at once, up to the first record that cannot be decoded: the reader then stands there, before this.
   */
  position = -1
  leaderEpoch = -1

  constructor(
    public slot: number,
    readonly start: Start
  ) {}

  /** @param slot - of a queue that has nothing of before */
  moveTo(slot: number, offset: number): void {
    this.slot = slot
    this.position = offset
    this.leaderEpoch = -1
    this.isReady = true
  }

  get number(): number {
    return this.start.partition
  }
}

export class PartitionConsumer {
  #next = 0
  #wake: (() => void) | undefined
  #waiting: Promise<void> | undefined
  #problem: Error | undefined

  /** Made by `ConsumerClient.open` alone. */
  constructor(
    readonly client: ConsumerClient,
    readonly topic: string,
    readonly partitions: readonly PartitionState[]
  ) {}

  /**
   * Takes what one of the partitions has, each in its turn, without waiting.
   *
   * @param keeps - whether `ConsumerClient.drained` is wanted of it
   * @returns undefined when none has anything
   * @throws what `interrupt` was given, once, when none has anything
   */
  drain(maxRecords: number, keeps = false): Drained | undefined {
    for (let i = 0; i < this.partitions.length; i++) {
      const partition = this.partitions[(this.#next + i) % this.partitions.length] as PartitionState
      if (!partition.isReady) continue
      const count = this.client.drain(partition, maxRecords, keeps)
      if (count === 0) {
        partition.isReady = false
        continue
      }
      this.#next = (this.#next + i + 1) % this.partitions.length
      this.#problem = undefined
      return { partition, count }
    }
    const problem = this.#problem
    if (!problem) return undefined
    this.#problem = undefined
    throw problem
  }

  /**
   * As `drain`, for messages with keys and headers. It may be called in turns with `drain`: both take what is next.
   *
   * @returns undefined when none of the partitions has anything
   * @throws BrokerError for what librdkafka put in the place of a message; no message is lost by it
   */
  drainMessages(maxMessages: number): DrainedMessages | undefined {
    for (let i = 0; i < this.partitions.length; i++) {
      const partition = this.partitions[(this.#next + i) % this.partitions.length] as PartitionState
      if (!partition.isReady) continue
      const drained = this.client.drainMessages(partition, maxMessages)
      const [first] = drained
      if (!first) {
        partition.isReady = false
        continue
      }
      this.#next = (this.#next + i + 1) % this.partitions.length
      if (first.code !== 0) throw readError(this.topic, partition.number, first)
      return { partition, messages: drained.map(messageOf) }
    }
    return undefined
  }

  /** Resolves when one of the partitions may have something. */
  whenReady(): Promise<void> {
    if (this.partitions.some(partition => partition.isReady)) return Promise.resolve()
    return this.whenWoken()
  }

  /** Resolves at the next wake-up, whatever the partitions have. */
  whenWoken(): Promise<void> {
    this.#waiting ??= new Promise(resolve => {
      this.#wake = resolve
    })
    return this.#waiting
  }

  /** Goes on at another offset of one of the partitions; nothing that was fetched before comes any more. */
  seek(partition: PartitionState, offset: number): void {
    this.client.seek(this, partition, offset)
    this.wake()
  }

  /** Has all partitions drained once more, records or not: a position moves past markers without a record. */
  lookAgain(): void {
    for (const partition of this.partitions) partition.isReady = true
    this.wake()
  }

  /** Has the next drain that finds nothing throw. */
  interrupt(problem: Error): void {
    this.#problem = problem
    this.wake()
  }

  /** Ends the wait of everyone who is in `whenReady`. */
  wake(): void {
    const wake = this.#wake
    this.#wake = this.#waiting = undefined
    wake?.()
  }

  /** Gives the partitions back to the client. */
  close(): void {
    this.client.closePartitions(this)
    this.wake()
  }
}
