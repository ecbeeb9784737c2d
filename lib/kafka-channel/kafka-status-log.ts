/** The status log of a channel in Kafka: a topic of one partition for each side, read from its beginning. */
import { type NewEntry, REPORT_HEADER, type Role, type StatusEntry, type StatusLog } from '../channel/index.js'
import type { Deadline } from '../deadline.js'
import { endOffsets, type Message, type MessageProducer, type ProducerClient } from '../kafka/index.js'
import { checkTopics, type ChannelTopicIds } from './channel-topics.js'
import type { StatusFeed } from './status-feed.js'

const roles: readonly Role[] = ['reader', 'writer']

/** One of the two topics. */
export interface StatusTopic {
  readonly feed: StatusFeed
  readonly producer: MessageProducer
}

export class KafkaStatusLog implements StatusLog {
  #onFailed: (error: Error) => void = () => undefined
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
    this.#onFailed = onFailed
    for (const role of roles) {
      this.topics[role].feed.follow(
        messages => onEntries(messages.map(message => entryOf(role, message))),
        error => this.#fail(error)
      )
    }
  }

  async readToEnd(deadline: Deadline): Promise<void> {
    const [reader, writer] = await Promise.all([
      this.#endOf('reader', deadline),
      this.#endOf('writer', deadline),
      this.#check(deadline)
    ])
    const { topics } = this
    await Promise.all([topics.reader.feed.reach(reader, deadline), topics.writer.feed.reach(writer, deadline)])
  }

  close(): void {
    this.#isClosed = true
    for (const role of roles) {
      this.topics[role].feed.close()
      this.topics[role].producer.close()
    }
  }

  async #endOf(role: Role, deadline: Deadline): Promise<number> {
    const ends = await endOffsets(this.client, this.topics[role].feed.topic, [0], deadline)
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
    for (const role of roles) this.topics[role].feed.fail(error)
    this.#onFailed(error)
  }
}

export function entryOf(role: Role, { offset, key, value, headers }: Message): StatusEntry {
  return { role, offset, key, value, report: headers.find(([name]) => name === REPORT_HEADER)?.[1] }
}
