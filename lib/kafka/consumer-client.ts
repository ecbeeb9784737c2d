/**
 * One consumer client of librdkafka for all readers of a group in this process: partitions are assigned to it
 * directly, each with a queue of its own, so that a slow reader holds back only itself.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaConsumer } from 'node-rdkafka'
import { Deadline } from '../deadline.js'
import { ChannelError } from '../errors.js'
import { native, type NativeMessage, type PartitionQueues } from '../native/index.js'
import type { StatisticsFeed } from './client-statistics.js'
import { connect, type Connected, created, disconnect } from './connect.js'
import { CommitQueue } from './commit-queue.js'
import { type Message, messageOf } from './message.js'
import { watchOversized } from './oversized-answers.js'
import { PartitionConsumer, PartitionState, type Start } from './partition-consumer.js'
import type { Requests } from './requests.js'
import { checkStart, type KafkaSettings, splitConfig } from './settings.js'
import { TurnBudget } from './turn-budget.js'

/** At most so many records a drain, whatever the reader asks for. */
export const MAX_DRAIN_RECORDS = 10_000

/** At most so many messages a drain: each is an object. */
const MAX_DRAIN_MESSAGES = 1000

/** How often librdkafka's callbacks (errors, log lines) are served when no event asks for it. */
const SERVE_INTERVAL_MS = 1000
/** Between two looks at whether the consumer is closed. */
const MAX_CLOSE_POLL_MS = 50
/** What a consumer has to close in, also where the deadline of its reader was over before: without a commit it is short. */
const SHORTEST_CLOSE_MS = 500
/** The slot by which the addon names the consumer's own queue. */
const CONSUMER_SLOT = 0

/** Where an addon's drain puts records; one set for all partitions, since each drain is decoded at once. */
export class DrainBuffers {
  /** Holds the records of the last drain; the usual one, or a larger one for a single record. */
  slab: Buffer
  readonly usualSlab: Buffer
  readonly ends = new Uint32Array(MAX_DRAIN_RECORDS)
  readonly offsets = new Float64Array(MAX_DRAIN_RECORDS)
  /** Milliseconds since the epoch; of an error its librdkafka code. */
  readonly timestamps = new Float64Array(MAX_DRAIN_RECORDS)
  readonly flags = new Uint8Array(MAX_DRAIN_RECORDS)
  /** After a drain: next offset, leader epoch, bytes that the slab lacks. */
  readonly state = new Float64Array(3)

  constructor(slabBytes: number) {
    this.slab = this.usualSlab = Buffer.allocUnsafeSlow(slabBytes)
  }
}

/** Bits of `DrainBuffers.flags`. */
export const flag = { nullValue: 1, error: 2 } as const

interface Opening {
  readonly topic: string
  readonly starts: readonly Start[]
  readonly resolve: (consumer: PartitionConsumer) => void
  readonly reject: (error: unknown) => void
}

export class ConsumerClient {
  readonly requests: Requests
  readonly brokerIds: readonly number[]
  readonly statistics: StatisticsFeed
  readonly commits: CommitQueue
  readonly turn = new TurnBudget()
  readonly buffers: DrainBuffers
  readonly #queues: PartitionQueues
  readonly #bySlot = new Map<number, { consumer: PartitionConsumer; partition: PartitionState }>()
  readonly #open = new Set<string>()
  readonly #readySlots = new Int32Array(1024)
  readonly #serveTimer: NodeJS.Timeout
  #openings: Opening[] = []
  #failure: Error | undefined

  private constructor(
    private readonly consumer: KafkaConsumer,
    { name, requests, brokerIds, statistics }: Connected,
    readonly groupId: string,
    slabBytes: number
  ) {
    this.#queues = new (native().addon.PartitionQueues)(name, () => this.#takeReady())
    this.requests = requests
    this.brokerIds = brokerIds
    this.statistics = statistics
    this.commits = new CommitQueue(this.requests, groupId)
    this.buffers = new DrainBuffers(slabBytes)
    watchOversized(consumer, error => {
      for (const { consumer } of this.#bySlot.values()) consumer.interrupt(error)
    })
    this.#serveTimer = setInterval(() => this.#serve(), SERVE_INTERVAL_MS)
  }

  /**
   * @param slabBytes - at most so many bytes a drain, unless a single record has more
   * @param tell - takes why there is no connection yet
   */
  static async connect(
    config: KafkaSettings,
    slabBytes: number,
    deadline: Deadline,
    tell?: (reason: string) => void
  ): Promise<ConsumerClient> {
    checkStart('consumer', config)
    const { client, topic } = splitConfig(config)
    const consumer = created(() => new (native().rdkafka.KafkaConsumer)(client, topic))
    const connected = await connect(consumer, 'consumer', config, deadline, tell)
    try {
      return new ConsumerClient(consumer, connected, String(config['group.id']), slabBytes)
    } catch (error) {
      connected.requests.close()
      await disconnect(consumer)
      throw error
    }
  }

  /**
   * Assigns partitions to this client and to nobody else in it.
   *
   * @throws ChannelError `ERR_MILLRACE_MEMBER_OPEN` when somebody in this client reads one of them
   */
  open(topic: string, starts: readonly Start[]): Promise<PartitionConsumer> {
    return new Promise((resolve, reject) => {
      // All readers that open in one turn of the event loop are assigned together.
      if (this.#openings.push({ topic, starts, resolve, reject }) === 1) setImmediate(() => this.#assign())
    })
  }

  /**
   * @param keeps - whether `drained` is wanted, whose messages then stay in memory until the next drain
   * @returns how many records are in `buffers`; 0 when the queue has none
   */
  drain(partition: PartitionState, maxRecords: number, keeps = false): number {
    if (this.#failure) throw this.#failure
    const { ends, offsets, timestamps, flags, state } = this.buffers
    const most = Math.min(maxRecords, MAX_DRAIN_RECORDS)
    this.buffers.slab = this.buffers.usualSlab
    for (;;) {
      const { slab } = this.buffers
      const count = this.#queues.drain(partition.slot, most, slab, ends, offsets, timestamps, flags, state, keeps)
      const missing = state[2] as number
      if (missing > 0) {
        this.buffers.slab = Buffer.allocUnsafeSlow(missing)
        continue
      }
      const [position, leaderEpoch] = state as unknown as [number, number]
      if (position >= 0) partition.position = position
      if (leaderEpoch >= 0) partition.leaderEpoch = leaderEpoch
      if (count > 0) this.turn.spend(ends[count - 1] as number)
      return count
    }
  }

  /** A record of the last drain as a message, with its key and headers. @param index - in `buffers` */
  drained(index: number): Message {
    return messageOf(this.#queues.keptMessage(index))
  }

  /**
   * As `drain`, for messages with keys and headers: an object each, so for what comes at a low rate.
   * @returns none when the queue has none; an error comes alone
   */
  drainMessages(partition: PartitionState, maxMessages: number): readonly NativeMessage[] {
    if (this.#failure) throw this.#failure
    const { state } = this.buffers
    const messages = this.#queues.drainMessages(partition.slot, Math.min(maxMessages, MAX_DRAIN_MESSAGES), state)
    const [position, leaderEpoch] = state as unknown as [number, number]
    if (position >= 0) partition.position = position
    if (leaderEpoch >= 0) partition.leaderEpoch = leaderEpoch
    for (const { value } of messages) this.turn.spend(value?.length ?? 0)
    return messages
  }

  closePartitions(consumer: PartitionConsumer): void {
    const { topic } = consumer
    const gone = consumer.partitions.filter(partition => this.#bySlot.get(partition.slot)?.consumer === consumer)
    if (gone.length === 0) return
    try {
      if (this.consumer.isConnected()) {
        this.consumer.incrementalUnassign(gone.map(({ number }) => ({ topic, partition: number, offset: 0 })))
      }
    } catch {
      // A client that failed for good has nothing assigned any more.
    }
    // After it is unassigned: until then the queue must not fall back to the consumer's.
    this.#forget(topic, gone)
  }

  /** Assigns a partition anew, since what was fetched of it stands in its queue, in order. */
  seek(consumer: PartitionConsumer, partition: PartitionState, offset: number): void {
    const { topic } = consumer
    const { slot, number } = partition
    this.consumer.incrementalUnassign([{ topic, partition: number, offset: 0 }])
    this.#bySlot.delete(slot)
    this.#queues.release(slot)
    // Before it is assigned, as always.
    partition.moveTo(this.#queues.take(topic, number), offset)
    this.#bySlot.set(partition.slot, { consumer, partition })
    this.consumer.incrementalAssign([{ topic, partition: number, offset }])
  }

  #forget(topic: string, partitions: readonly PartitionState[]): void {
    for (const { slot, number } of partitions) {
      this.#bySlot.delete(slot)
      this.#open.delete(`${topic} ${number}`)
      this.#queues.release(slot)
    }
  }

  /** Resolves at the deadline at the latest. What is not closed by then is given up, within half a second. */
  async close(deadline: Deadline): Promise<void> {
    clearInterval(this.#serveTimer)
    this.requests.close()
    await deadline.wait(this.#closeConsumer(deadline), 'the consumer to be closed').catch(() => undefined)
  }

  async #closeConsumer(deadline: Deadline): Promise<void> {
    const shortest = new Deadline({}, SHORTEST_CLOSE_MS)
    const isOver = (): boolean =>
      shortest.remainingMs === 0 && (deadline.remainingMs === 0 || deadline.signal?.aborted === true)
    // It waits for the answers to commits under way, and for ever if the broker keeps the connection without a word.
    for (let pause = 1; !this.#queues.closeConsumer(); pause = Math.min(2 * pause, MAX_CLOSE_POLL_MS)) {
      if (isOver()) return await this.#giveUp()
      await delay(pause)
    }
    // Ours before the client goes: librdkafka's destroy waits for every queue.
    this.#queues.close()
    await disconnect(this.consumer)
  }

  /** Has librdkafka destroy the client without the answers it waits for; the commits are with the broker, or nowhere. */
  async #giveUp(): Promise<void> {
    this.#queues.giveUp()
    this.#queues.close()
    const cutting = setInterval(() => this.#queues.cutConnections(), MAX_CLOSE_POLL_MS)
    await disconnect(this.consumer).finally(() => clearInterval(cutting))
  }

  #assign(): void {
    const openings = this.#openings
    this.#openings = []
    const isFirst = this.#bySlot.size === 0
    const assigned: { topic: string; partition: number; offset: number }[] = []
    const opened: [Opening, PartitionConsumer][] = []
    for (const opening of openings) {
      try {
        const consumer = this.#takeQueues(opening)
        opened.push([opening, consumer])
        assigned.push(...opening.starts.map(({ partition, offset }) => ({ topic: opening.topic, partition, offset })))
      } catch (error) {
        opening.reject(error)
      }
    }
    if (opened.length === 0) return
    try {
      if (isFirst) this.consumer.assign(assigned)
      else this.consumer.incrementalAssign(assigned)
      for (const [opening, consumer] of opened) opening.resolve(consumer)
    } catch (error) {
      for (const [opening, consumer] of opened) {
        // Nothing of it was assigned.
        this.#forget(opening.topic, consumer.partitions)
        opening.reject(error)
      }
    }
  }

  /** Before the assignment: taken after it, records that came meanwhile stand in the consumer's queue and are lost. */
  #takeQueues({ topic, starts }: Opening): PartitionConsumer {
    const taken = starts.find(({ partition }) => this.#open.has(`${topic} ${partition}`))
    if (taken) {
      throw new ChannelError(
        'ERR_MILLRACE_MEMBER_OPEN',
        `partition ${taken.partition} of ${topic} is read by another open reader of the group ${this.groupId} in this process: ` +
          'close it first, or give this one another group.index'
      )
    }
    const partitions: PartitionState[] = []
    try {
      for (const start of starts) partitions.push(new PartitionState(this.#queues.take(topic, start.partition), start))
    } catch (error) {
      this.#forget(topic, partitions)
      throw error
    }
    const consumer = new PartitionConsumer(this, topic, partitions)
    for (const partition of partitions) {
      this.#bySlot.set(partition.slot, { consumer, partition })
      this.#open.add(`${topic} ${partition.number}`)
    }
    return consumer
  }

  #takeReady(): void {
    for (;;) {
      const count = this.#queues.takeReady(this.#readySlots)
      for (let i = 0; i < count; i++) {
        const slot = this.#readySlots[i] as number
        if (slot === CONSUMER_SLOT) {
          this.#serve()
          continue
        }
        const ready = this.#bySlot.get(slot)
        if (!ready) continue
        ready.partition.isReady = true
        ready.consumer.wake()
      }
      if (count < this.#readySlots.length) return
    }
  }

  #serve(): void {
    for (const { code, topic, partition, offset } of this.#queues.serve()) {
      // An error of the client: it is logged, and librdkafka goes on by itself.
      if (code !== 0) continue
      this.#failure = new ChannelError(
        'ERR_MILLRACE_INTERNAL',
        `the record at offset ${offset} of ${topic} [${partition}] went past its partition's queue`
      )
      for (const { consumer, partition } of this.#bySlot.values()) {
        // So that its next drain is tried, and throws.
        partition.isReady = true
        consumer.wake()
      }
    }
  }
}
