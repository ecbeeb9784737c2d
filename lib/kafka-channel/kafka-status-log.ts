/** The status log of a channel in Kafka: a topic of one partition for each side, read from its beginning. */
import { type NewEntry, REPORT_HEADER, type Role, type StatusEntry, type StatusLog } from '../channel/index.js'
import { Deadline } from '../deadline.js'
import { BrokerError } from '../errors.js'
import {
  endOffsets,
  firstOffsets,
  kafkaCode,
  type Message,
  type MessageProducer,
  type PartitionConsumer,
  type ProducerClient
} from '../kafka/index.js'
import { checkTopics, type ChannelTopicIds } from './channel-topics.js'

const roles: readonly Role[] = ['reader', 'writer']
/** Messages of one drain: few enough that the event loop is not held up. */
const MOST_MESSAGES = 500
/** How often to look again where the position passes over what compaction or a transaction has left. */
const LOOK_AGAIN_MS = 50
const RETRY_TIMEOUT_MS = 30_000

/** One of the two topics. */
export interface StatusTopic {
  readonly consumer: PartitionConsumer
  readonly producer: MessageProducer
}

interface Waiting {
  readonly ends: Record<Role, number>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class KafkaStatusLog implements StatusLog {
  #onEntries: (entries: readonly StatusEntry[]) => void = () => undefined
  #onFailed: (error: Error) => void = () => undefined
  #waiting: Waiting[] = []
  /** That the user may not read a topic: librdkafka says it once, and goes on asking. */
  readonly #denied = new Map<Role, Error>()
  #lookAgain: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(
    /** Whose connections no fetch holds up. */
    private readonly client: ProducerClient,
    private readonly topics: Record<Role, StatusTopic>,
    private readonly ids: ChannelTopicIds
  ) {}

  append({ role, key, value, report }: NewEntry, deadline: Deadline): Promise<void> {
    const headers: [string, Buffer][] = report ? [[REPORT_HEADER, report]] : []
    return this.topics[role].producer.send(0, { key: Buffer.from(key), value, headers }, deadline)
  }

  follow(onEntries: (entries: readonly StatusEntry[]) => void, onFailed: (error: Error) => void): void {
    this.#onEntries = onEntries
    this.#onFailed = onFailed
    for (const role of roles) void this.#follow(role)
  }

  async readToEnd(deadline: Deadline): Promise<void> {
    const [reader, writer] = await Promise.all([
      this.#endOf('reader', deadline),
      this.#endOf('writer', deadline),
      this.#check(deadline)
    ])
    let waiting: Waiting | undefined
    const isThere = new Promise<void>((resolve, reject) => {
      this.#waiting.push((waiting = { ends: { reader, writer }, resolve, reject }))
      this.#wakeWaiting()
    })
    try {
      // Without an end it would wait for ever for what a topic that went meanwhile had, and nobody look for the topics.
      await deadline.wait(isThere, `the status messages of ${this.ids.data.name} to be read to their end`)
    } finally {
      this.#waiting = this.#waiting.filter(one => one !== waiting)
    }
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#lookAgain)
    for (const role of roles) {
      this.topics[role].consumer.close()
      this.topics[role].producer.close()
    }
    this.#waiting = []
  }

  async #follow(role: Role): Promise<void> {
    const { consumer } = this.topics[role]
    while (!this.#isClosed) {
      try {
        const messages = consumer.drainMessages(MOST_MESSAGES)?.messages ?? []
        if (messages.length > 0) this.#denied.delete(role)
        if (messages.length > 0) this.#onEntries(messages.map(message => entryOf(role, message)))
        this.#wakeWaiting()
        if (messages.length === 0) await consumer.whenReady()
        // Others have their turn between two drains of a long log.
        else await new Promise(setImmediate)
      } catch (error) {
        if (!(await this.#goOn(role, error as Error))) return
      }
    }
  }

  /** Behind what stood in the place of a message. @returns false when nothing comes any more */
  async #goOn(role: Role, error: Error): Promise<boolean> {
    const { consumer } = this.topics[role]
    const [partition] = consumer.partitions
    const code = error instanceof BrokerError ? error.kafkaCode : 0
    if (code === kafkaCode.autoOffsetReset || code === kafkaCode.offsetOutOfRange) {
      // The oldest went before they were read, which a topic that is compacted never does: the embedded broker's do.
      const first = await firstOffsets(this.client, consumer.topic, [0], new Deadline({}, RETRY_TIMEOUT_MS)).catch(
        () => undefined
      )
      if (first && partition && !this.#isClosed) consumer.seek(partition, first.get(0) ?? 0)
      return !this.#isClosed
    }
    if (error instanceof BrokerError && !error.isFatal) {
      if (error.code === 'ERR_MILLRACE_NOT_AUTHORIZED') this.#denied.set(role, error)
      return !this.#isClosed
    }
    this.#fail(error)
    return false
  }

  async #endOf(role: Role, deadline: Deadline): Promise<number> {
    const { topic } = this.topics[role].consumer
    const ends = await endOffsets(this.client, topic, [0], deadline)
    return ends.get(0) ?? 0
  }

  /** Whether the channel's topics are still those that were opened. */
  async #check(deadline: Deadline): Promise<void> {
    const replaced = await checkTopics(this.client, this.ids, deadline)
    if (!replaced) return
    this.#fail(replaced)
    throw replaced
  }

  #fail(error: Error): void {
    if (this.#isClosed) return
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    this.#onFailed(error)
  }

  #wakeWaiting(): void {
    this.#waiting = this.#waiting.filter(({ ends, resolve, reject }) => {
      const behind = roles.filter(role => this.#position(role) < ends[role])
      const denied = behind.map(role => this.#denied.get(role)).find(error => error !== undefined)
      if (behind.length === 0) resolve()
      else if (denied) reject(denied)
      return behind.length > 0 && !denied
    })
    if (this.#waiting.length === 0 || this.#lookAgain) return
    this.#lookAgain = setTimeout(() => {
      this.#lookAgain = undefined
      for (const role of roles) this.topics[role].consumer.lookAgain()
      this.#wakeWaiting()
    }, LOOK_AGAIN_MS)
  }

  #position(role: Role): number {
    const partition = this.topics[role].consumer.partitions[0]
    return partition ? Math.max(partition.position, partition.start.offset) : 0
  }
}

function entryOf(role: Role, { offset, key, value, headers }: Message): StatusEntry {
  return { role, offset, key, value, report: headers.find(([name]) => name === REPORT_HEADER)?.[1] }
}
