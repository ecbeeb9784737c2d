/** One channel as an observer follows it: its status topics from their beginning, and its offsets. Writes nothing. */
import { PeerTable, type Role, rules } from '../../channel/index.js'
import type { Deadline } from '../../deadline.js'
import { MillraceError } from '../../errors.js'
import {
  type ConsumerClient,
  currentTopic,
  endOffsets,
  firstOffsets,
  groupCommits,
  type Message,
  type ProducerClient,
  refuseLongText,
  refuseUnlikeText,
  type TopicDescription
} from '../../kafka/index.js'
import { deadLetterTopic, statusTopic } from '../channel-topics.js'
import { entryOf } from '../kafka-status-log.js'
import { offsetIn } from '../starting-points.js'
import { StatusFeed } from '../status-feed.js'
import {
  type ChannelSnapshot,
  committingGroups,
  type GroupSnapshot,
  groupSnapshot,
  largest,
  type Seeing,
  type Unread,
  writerSnapshot
} from './channel-snapshot.js'

const roles: readonly Role[] = ['reader', 'writer']

export interface ObserverClients {
  readonly consumer: ConsumerClient
  readonly client: ProducerClient
}

/** The topics of a channel that are there. */
interface Found {
  readonly data: TopicDescription | undefined
  readonly status: Record<Role, TopicDescription | undefined>
  readonly hasDeadLetters: boolean
}

/** What stands in its data topic. */
interface DataLog {
  readonly topic: TopicDescription
  readonly first: ReadonlyMap<number, number>
  readonly ends: ReadonlyMap<number, number>
}

export class ObservedChannel {
  #table: PeerTable
  /** Of the status topics that are followed. */
  #ids = ''
  #feeds: Partial<Record<Role, StatusFeed>> = {}
  #failure: Error | undefined
  /** Behind which time everything that comes was written, by the monotonic clock. */
  #readAt = -Infinity
  /** Of the message that the table takes. */
  #writtenAt = 0

  constructor(
    readonly channelName: string,
    private readonly clients: ObserverClients,
    private readonly patienceMs: number
  ) {
    this.#table = this.#newTable()
  }

  /**
   * @param topics - all topics of the cluster, with their partitions
   * @returns undefined when there is nothing but perhaps a topic of its name
   */
  async look(topics: ReadonlyMap<string, number>, deadline: Deadline): Promise<ChannelSnapshot | undefined> {
    const problems = new Map<string, { code: string; message: string }>()
    const attempt = async <Result>(asked: Promise<Result>): Promise<Result | undefined> => {
      try {
        return await asked
      } catch (error) {
        deadline.signal?.throwIfAborted()
        if (!(error instanceof MillraceError)) throw error
        problems.set(error.message, { code: error.code, message: error.message })
        return undefined
      }
    }
    const found = await this.#find(topics, attempt, deadline)
    const { data, status, hasDeadLetters } = found
    if (!status.reader && !status.writer && !hasDeadLetters && problems.size === 0) return undefined
    const [, log, deadLetters] = await Promise.all([
      attempt(this.#readStatus(found, deadline)),
      data && attempt(this.#dataLog(data, deadline)),
      hasDeadLetters ? attempt(this.#deadLetters(deadline)) : null
    ])
    const seeing = { table: this.#table, now: performance.now(), patienceMs: this.patienceMs }
    const groups = await this.#groups(log, attempt, seeing, deadline)
    const writers = this.#table.peers('writer').map(writer => writerSnapshot(writer, seeing))
    return {
      channelName: this.channelName,
      missingTopics: problems.size > 0 ? [] : missing(this.channelName, found),
      partitions: data?.partitionCount ?? null,
      records: log ? between(log.first, log.ends) : null,
      unreadRecords: largest(groups.map(({ unreadRecords }) => unreadRecords)),
      groups,
      writers: writers.sort((a, b) => (a.name < b.name ? -1 : 1)),
      deadLetters: deadLetters ?? null,
      malformed: this.#table.malformed,
      problems: [...problems.values()]
    }
  }

  close(): void {
    for (const feed of Object.values(this.#feeds)) feed.close()
    this.#feeds = {}
  }

  async #find(topics: ReadonlyMap<string, number>, attempt: Attempt, deadline: Deadline): Promise<Found> {
    // Where none has a partition the topic is there no more; what it is asked for otherwise is its id.
    const describe = async (topic: string): Promise<TopicDescription | undefined> =>
      topics.get(topic) ? await attempt(currentTopic(this.clients.client, topic, deadline)) : undefined
    const [data, reader, writer] = await Promise.all([
      describe(this.channelName),
      describe(statusTopic(this.channelName, 'reader')),
      describe(statusTopic(this.channelName, 'writer'))
    ])
    const hasDeadLetters = (topics.get(deadLetterTopic(this.channelName)) ?? 0) > 0
    return { data, status: { reader, writer }, hasDeadLetters }
  }

  async #readStatus({ status }: Found, deadline: Deadline): Promise<void> {
    const ids = `${status.reader?.id} ${status.writer?.id}`
    // Other topics of the same names are another channel.
    if (ids !== this.#ids || this.#failure) this.#beginAnew(ids)
    const at = performance.now()
    const there = roles.filter(role => status[role])
    await Promise.all(there.map(role => this.#readToEnd(role, deadline)))
    this.#table.confirm(at)
    this.#readAt = at
  }

  #beginAnew(ids: string): void {
    this.close()
    this.#table = this.#newTable()
    this.#ids = ids
    this.#failure = undefined
    this.#readAt = -Infinity
  }

  /** The time of a message is that at which it was written, so that who looks once sees who is silent for long. */
  #newTable(): PeerTable {
    return new PeerTable({
      channelName: this.channelName,
      clock: { now: () => this.#writtenAt },
      rules: { ...rules, wasInterrupted: () => false },
      gapMs: Infinity
    })
  }

  async #readToEnd(role: Role, deadline: Deadline): Promise<void> {
    const { client, consumer } = this.clients
    const topic = statusTopic(this.channelName, role)
    const table = this.#table
    let feed = this.#feeds[role]
    if (!feed) {
      feed = await StatusFeed.open(topic, consumer, client, deadline)
      this.#feeds[role] = feed
      const take = (messages: readonly Message[]): void => {
        for (const message of messages) this.#take(table, role, message)
      }
      feed.follow(take, error => {
        this.#failure = error
        feed?.fail(error)
      })
    }
    const ends = await endOffsets(client, topic, [0], deadline)
    await feed.reach(ends.get(0) ?? 0, deadline)
  }

  #take(table: PeerTable, role: Role, message: Message): void {
    const now = performance.now()
    const age = message.timestamp < 0 ? 0 : Math.max(0, Date.now() - message.timestamp)
    // What was not there when it was looked before was written since, whatever the clock of its sender says.
    this.#writtenAt = Math.max(now - age, this.#readAt)
    table.apply(entryOf(role, message))
  }

  async #dataLog(topic: TopicDescription, deadline: Deadline): Promise<DataLog> {
    const { client } = this.clients
    const all = Array.from({ length: topic.partitionCount }, (_, i) => i)
    const [first, ends] = await Promise.all([
      firstOffsets(client, this.channelName, all, deadline),
      endOffsets(client, this.channelName, all, deadline)
    ])
    return { topic, first, ends }
  }

  async #deadLetters(deadline: Deadline): Promise<number> {
    const { client } = this.clients
    const topic = deadLetterTopic(this.channelName)
    const [first, ends] = await Promise.all([
      firstOffsets(client, topic, [0], deadline),
      endOffsets(client, topic, [0], deadline)
    ])
    return between(first, ends)
  }

  async #groups(
    log: DataLog | undefined,
    attempt: Attempt,
    seeing: Seeing,
    deadline: Deadline
  ): Promise<GroupSnapshot[]> {
    const partitions = log?.topic.partitionCount ?? 0
    const groups = committingGroups(this.#table, partitions).map(async group => {
      const asked = group.groupIds.map(async id => log && (await attempt(this.#unread(id, log, deadline))))
      return groupSnapshot(group, partitions, await Promise.all(asked), seeing)
    })
    return await Promise.all(groups)
  }

  async #unread(groupId: string, { topic, first, ends }: DataLog, deadline: Deadline): Promise<Unread> {
    const { client } = this.clients
    // It comes from a message that may be anybody's, and would be asked for until the time is over.
    refuseUnlikeText('the id of a group', groupId)
    refuseLongText('the id of a group', groupId)
    const committed = await groupCommits(client, groupId, this.channelName, [...ends.keys()], deadline)
    return new Map(
      [...ends].map(([partition, end]) => {
        const from = Math.max(offsetIn(topic, committed.get(partition)), first.get(partition) ?? 0)
        return [partition, Math.max(0, end - from)]
      })
    )
  }
}

/** The result, or undefined: then the reason is among the problems. */
type Attempt = <Result>(asked: Promise<Result>) => Promise<Result | undefined>

function missing(channelName: string, { data, status }: Found): string[] {
  const absent = roles.filter(role => !status[role]).map(role => statusTopic(channelName, role))
  return data ? absent : [channelName, ...absent]
}

function between(first: ReadonlyMap<number, number>, ends: ReadonlyMap<number, number>): number {
  return [...ends].reduce((sum, [partition, end]) => sum + Math.max(0, end - (first.get(partition) ?? 0)), 0)
}
