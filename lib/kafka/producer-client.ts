/** One producer client of librdkafka for all writers of this process with the same configuration. */
import type { Producer } from 'node-rdkafka'
import { Deadline } from '../deadline.js'
import { native, type SlabProducer } from '../native/index.js'
import type { StatisticsFeed } from './client-statistics.js'
import { maxRecordBytes } from './client-config.js'
import { connect, type Connected, created, disconnect } from './connect.js'
import type { OutgoingMessage } from './message.js'
import type { Requests } from './requests.js'
import { checkStart, type KafkaSettings, splitConfig } from './settings.js'

/** How often node-rdkafka polls for callbacks: errors, log lines. Acknowledgements do not need it. */
const POLL_INTERVAL_MS = 100
/** How long to wait, when a client with open records goes, for librdkafka to say what became of them. */
const PURGE_TIMEOUT_MS = 2000
const SETTLED_ROWS = 256

/** What became of the records of one `produce` call. */
export interface Settled {
  readonly acknowledged: number
  readonly failed: number
  readonly unknown: number
  /** librdkafka's code of the first record that was not acknowledged, else 0. */
  readonly code: number
}

export class ProducerClient {
  readonly requests: Requests
  readonly brokerIds: readonly number[]
  readonly statistics: StatisticsFeed
  /** All topics that this client may see, with the number of their partitions, as one broker knows them. */
  readonly listTopics: Connected['listTopics']
  readonly #slabs: SlabProducer
  readonly #tickets = new Map<number, (settled: Settled) => void>()
  readonly #rows = new Float64Array(5 * SETTLED_ROWS)
  readonly #starved = new Set<() => void>()
  #starvedTimer: NodeJS.Timeout | undefined
  #lastTicket = 0

  private constructor(
    private readonly producer: Producer,
    { name, requests, brokerIds, statistics, listTopics }: Connected,
    /** Larger records, framing included, are refused. */
    readonly maxRecordBytes: number
  ) {
    this.#slabs = new (native().addon.SlabProducer)(name, () => this.#takeSettled())
    this.requests = requests
    this.brokerIds = brokerIds
    this.statistics = statistics
    this.listTopics = listTopics
    producer.setPollInterval(POLL_INTERVAL_MS)
  }

  /** @param tell - takes why there is no connection yet */
  static async connect(
    config: KafkaSettings,
    deadline: Deadline,
    tell?: (reason: string) => void
  ): Promise<ProducerClient> {
    checkStart('producer', config)
    const { client, topic } = splitConfig(config)
    const producer = created(() => new (native().rdkafka.Producer)(client, topic))
    const connected = await connect(producer, 'producer', config, deadline, tell)
    try {
      return new ProducerClient(producer, connected, maxRecordBytes(config))
    } catch (error) {
      connected.requests.close()
      await disconnect(producer)
      throw error
    }
  }

  /** The reason why this client can produce nothing any more, if there is one. */
  get fatalError(): { code: number; message: string } | undefined {
    return this.#slabs.fatalError()
  }

  openTopic(name: string): number {
    return this.#slabs.openTopic(name)
  }

  closeTopic(topic: number): void {
    this.#slabs.closeTopic(topic)
  }

  /**
   * Gives the records `[from, to)` of a slab to librdkafka, which copies them.
   *
   * @param topic - from `openTopic`
   * @param onSettled - called once, when all that was taken is settled; never when nothing was
   * @returns the index of the first record that was not taken, as librdkafka's queue is full; `to` when all were
   */
  produce(
    topic: number,
    slab: Buffer,
    ends: Uint32Array,
    partitions: Int32Array,
    from: number,
    to: number,
    onSettled: (settled: Settled) => void
  ): number {
    const ticket = ++this.#lastTicket
    const taken = this.#slabs.produce(topic, ticket, slab, ends, partitions, from, to)
    // A ticket of which nothing was taken never comes back.
    if (taken > from) this.#tickets.set(ticket, onSettled)
    return taken
  }

  /**
   * Gives one message to librdkafka, which copies it.
   *
   * @param topic - from `openTopic`
   * @param onSettled - called once, with one record; never when it was not taken
   * @returns false when it was not taken, as librdkafka's queue is full
   * @throws TypeError, RangeError before anything is sent
   */
  produceMessage(
    topic: number,
    partition: number,
    { key, value, headers }: OutgoingMessage,
    onSettled: (settled: Settled) => void
  ): boolean {
    const ticket = ++this.#lastTicket
    const isTaken = this.#slabs.produceMessage(topic, ticket, partition, key, value, headers.flat())
    if (isTaken) this.#tickets.set(ticket, onSettled)
    return isTaken
  }

  /** Calls back once, when librdkafka's queue may have room again: records of anybody were settled. */
  onceRoom(callback: () => void): void {
    this.#starved.add(callback)
    // Records that failed leave the queue only when node-rdkafka polls for their reports, which nobody tells us.
    this.#starvedTimer ??= setTimeout(() => this.#wakeStarved(), POLL_INTERVAL_MS)
  }

  async close(): Promise<void> {
    if (this.#slabs.openTickets() > 0) await this.#purge()
    clearTimeout(this.#starvedTimer)
    // Ours before the client goes: librdkafka's destroy waits for every topic handle.
    this.#slabs.close()
    this.requests.close()
    // node-rdkafka destroys the client on a thread of Node's pool, and its timer would still poll it meanwhile.
    this.producer.setPollInterval(0)
    await disconnect(this.producer)
  }

  /** librdkafka's destroy reports nothing, so what is open is settled before: never sent as failed, else unknown. */
  async #purge(): Promise<void> {
    const deadline = new Deadline({}, PURGE_TIMEOUT_MS)
    this.#slabs.purge()
    while (this.#slabs.openTickets() > 0 && deadline.remainingMs > 0) {
      await deadline.pause(5, 'librdkafka to settle the records of a closed producer').catch(() => undefined)
      this.#takeSettled()
    }
  }

  #takeSettled(): void {
    for (;;) {
      const rows = this.#slabs.takeSettled(this.#rows)
      for (let i = 0; i < rows; i++) {
        const [ticket, acknowledged, failed, unknown, code] = this.#rows.subarray(5 * i) as unknown as number[]
        const onSettled = this.#tickets.get(ticket as number)
        this.#tickets.delete(ticket as number)
        onSettled?.({ acknowledged, failed, unknown, code } as Settled)
      }
      if (rows < SETTLED_ROWS) break
    }
    this.#wakeStarved()
  }

  #wakeStarved(): void {
    clearTimeout(this.#starvedTimer)
    this.#starvedTimer = undefined
    const starved = [...this.#starved]
    this.#starved.clear()
    for (const callback of starved) callback()
  }
}
