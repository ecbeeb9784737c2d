/** One status topic, read from its beginning: what stands in it, and later what comes. */
import { Deadline } from '../deadline.js'
import { BrokerError } from '../errors.js'
import {
  type ConsumerClient,
  firstOffsets,
  kafkaCode,
  type Message,
  type PartitionConsumer,
  type ProducerClient
} from '../kafka/index.js'

/** Messages of one drain: few enough that the event loop is not held up. */
const MOST_MESSAGES = 500
/** How often to look again where the position passes over what compaction or a transaction has left. */
const LOOK_AGAIN_MS = 50

/** Small messages, read ahead of each topic up to so many bytes. */
export const statusPrefetch = {
  'queued.max.messages.kbytes': 4096,
  'fetch.message.max.bytes': 1024 * 1024,
  'fetch.queue.backoff.ms': 1
}
export const STATUS_SLAB_BYTES = 64 * 1024

interface Waiting {
  readonly end: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class StatusFeed {
  #waiting: Waiting[] = []
  /** That the user may not read the topic: librdkafka says it once, and goes on asking. */
  #denied: Error | undefined
  #lookAgain: NodeJS.Timeout | undefined
  readonly #closing = new AbortController()

  private constructor(
    /** Whose connections no fetch holds up. */
    private readonly client: ProducerClient,
    private readonly consumer: PartitionConsumer
  ) {}

  static async open(
    topic: string,
    consumer: ConsumerClient,
    client: ProducerClient,
    deadline: Deadline
  ): Promise<StatusFeed> {
    const first = await firstOffsets(client, topic, [0], deadline)
    const start = { partition: 0, offset: first.get(0) ?? 0, isCommitted: false }
    return new StatusFeed(client, await consumer.open(topic, [start]))
  }

  get topic(): string {
    return this.consumer.topic
  }

  /** Called once. @param onFailed - nothing comes any more */
  follow(onMessages: (messages: readonly Message[]) => void, onFailed: (error: Error) => void): void {
    void this.#follow(onMessages, onFailed)
  }

  /** Resolves when everything below an offset was given to the follower. */
  async reach(end: number, deadline: Deadline): Promise<void> {
    let waiting: Waiting | undefined
    const isThere = new Promise<void>((resolve, reject) => {
      this.#waiting.push((waiting = { end, resolve, reject }))
      this.#wakeWaiting()
    })
    try {
      // Without an end it would wait for ever for what a topic that went meanwhile had, and nobody look for the topics.
      await deadline.wait(isThere, `the status messages of ${this.topic} to be read to their end`)
    } finally {
      this.#waiting = this.#waiting.filter(one => one !== waiting)
    }
  }

  /** Ends the waits: nothing comes any more. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  close(): void {
    this.#closing.abort()
    clearTimeout(this.#lookAgain)
    this.consumer.close()
    this.#waiting = []
  }

  async #follow(onMessages: (messages: readonly Message[]) => void, onFailed: (error: Error) => void): Promise<void> {
    while (!this.#isClosed) {
      try {
        const messages = this.consumer.drainMessages(MOST_MESSAGES)?.messages ?? []
        if (messages.length > 0) {
          this.#denied = undefined
          onMessages(messages)
        }
        this.#wakeWaiting()
        if (messages.length === 0) await this.consumer.whenReady()
        // Others have their turn between two drains of a long log.
        else await new Promise(setImmediate)
      } catch (error) {
        if (await this.#goesOn(error as Error)) continue
        if (!this.#isClosed) onFailed(error as Error)
        return
      }
    }
  }

  /** Behind what stood in the place of a message. @returns false when nothing comes any more */
  async #goesOn(error: Error): Promise<boolean> {
    const [partition] = this.consumer.partitions
    const code = error instanceof BrokerError ? error.kafkaCode : 0
    if (code === kafkaCode.autoOffsetReset || code === kafkaCode.offsetOutOfRange) {
      // The oldest went before they were read, which a topic that is compacted never does: the embedded broker's do.
      // However long the brokers are away: nothing would come after it otherwise.
      const untilClosed = new Deadline({ signal: this.#closing.signal }, Infinity)
      const first = await firstOffsets(this.client, this.topic, [0], untilClosed).catch(() => undefined)
      if (first === undefined || this.#isClosed) return false
      if (partition) this.consumer.seek(partition, first.get(0) ?? 0)
      return true
    }
    if (!(error instanceof BrokerError) || error.isFatal) return false
    if (error.code === 'ERR_MILLRACE_NOT_AUTHORIZED') this.#denied = error
    return !this.#isClosed
  }

  #wakeWaiting(): void {
    const denied = this.#denied
    this.#waiting = this.#waiting.filter(({ end, resolve, reject }) => {
      const isThere = this.#position >= end
      if (isThere) resolve()
      else if (denied) reject(denied)
      return !isThere && !denied
    })
    if (this.#waiting.length === 0 || this.#lookAgain) return
    this.#lookAgain = setTimeout(() => {
      this.#lookAgain = undefined
      this.consumer.lookAgain()
      this.#wakeWaiting()
    }, LOOK_AGAIN_MS)
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  get #position(): number {
    const partition = this.consumer.partitions[0]
    return partition ? Math.max(partition.position, partition.start.offset) : 0
  }
}
