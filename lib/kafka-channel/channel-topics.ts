/** The three topics of a channel: who creates them, who waits, and whether they are still the same ones. */
import type { Role } from '../channel/index.js'
import type { Deadline } from '../deadline.js'
import { ChannelError } from '../errors.js'
import {
  addPartitions,
  type ClientOptions,
  createTopics,
  currentTopic,
  deleteTopics,
  type TopicDescription,
  type TopicObserver,
  waitForTopic
} from '../kafka/index.js'

/** The topic of each side's status messages. */
export function statusTopic(channelName: string, role: Role): string {
  return `${channelName}.${role === 'reader' ? 'input' : 'output'}.state`
}

/** The topic of records that readers could not decode. It is evidence, and never deleted with the channel. */
export function deadLetterTopic(channelName: string): string {
  return `${channelName}.dead`
}

/** The longest that this library puts behind a channel's name. */
export const LONGEST_SUFFIX = '.output.state'

/** A channel's topics as they were when an end opened. */
export interface ChannelTopicIds {
  readonly data: TopicDescription
  readonly status: Record<Role, TopicDescription>
}

/** How the principal makes the topics. */
export interface TopicSettings {
  readonly topicReplicationFactor: number
  /** Kafka's settings of the data topic. */
  readonly topicConfig: Readonly<Record<string, string>>
  /** Whether ends of pypz take part, whose status messages all have one key: nothing may then be compacted. */
  readonly isPlain: boolean
  /** Whether there is to be a topic of dead letters. */
  readonly writesDeadLetters: boolean
}

/**
 * Status topics keep the last message of each key for ever and little else: a small segment becomes compactable soon,
 * so that who opens replays what there are senders and not how long they run.
 */
const compacted = {
  'cleanup.policy': 'compact',
  'segment.ms': '600000',
  'segment.bytes': '4194304',
  'min.cleanable.dirty.ratio': '0.1',
  'max.compaction.lag.ms': '1200000'
}
const kept = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }

/** Creates what is missing, and adds partitions to a data topic with fewer than the group has members. */
export async function ensureTopics(
  client: ClientOptions,
  observer: TopicObserver,
  channelName: string,
  partitions: number,
  settings: TopicSettings,
  deadline: Deadline
): Promise<void> {
  const { topicReplicationFactor, topicConfig, isPlain, writesDeadLetters } = settings
  const config = isPlain ? kept : compacted
  const deadLetters = { ...kept, ...deadLetterConfig(topicConfig) }
  const plans = [
    ...(writesDeadLetters
      ? [{ topic: deadLetterTopic(channelName), partitions: 1, topicReplicationFactor, config: deadLetters }]
      : []),
    // The data topic last, for those who look for it alone.
    { topic: statusTopic(channelName, 'reader'), partitions: 1, topicReplicationFactor, config },
    { topic: statusTopic(channelName, 'writer'), partitions: 1, topicReplicationFactor, config },
    { topic: channelName, partitions, topicReplicationFactor, config: topicConfig }
  ]
  const found = await Promise.all(plans.map(({ topic }) => currentTopic(observer, topic, deadline)))
  const missing = plans.filter((_, i) => !found[i])
  if (missing.length > 0) await createTopics(client, missing, deadline)
  const data = found.at(-1)
  if (data && data.partitionCount < partitions) await addPartitions(client, channelName, partitions, deadline)
}

/** What a topic of dead letters takes over from the data's: what fits into the one shall fit into the other. */
function deadLetterConfig(topicConfig: Readonly<Record<string, string>>): Record<string, string> {
  const alike = ['max.message.bytes', 'min.insync.replicas']
  return Object.fromEntries(Object.entries(topicConfig).filter(([key]) => alike.includes(key)))
}

/** Waits until every broker knows all three. @param partitions - as many as there must be */
export async function waitForTopics(
  observer: TopicObserver,
  channelName: string,
  partitions: number,
  deadline: Deadline
): Promise<ChannelTopicIds> {
  const [data, reader, writer] = await Promise.all([
    waitForTopic(observer, channelName, deadline, partitions),
    waitForTopic(observer, statusTopic(channelName, 'reader'), deadline),
    waitForTopic(observer, statusTopic(channelName, 'writer'), deadline)
  ])
  return { data, status: { reader, writer } }
}

/** @returns an error when one of the topics is gone, or is another of the same name */
export async function checkTopics(
  observer: TopicObserver,
  { data, status }: ChannelTopicIds,
  deadline: Deadline
): Promise<TopicsGoneError | undefined> {
  const opened = [data, status.reader, status.writer]
  const now = await Promise.all(opened.map(({ name }) => currentTopic(observer, name, deadline)))
  for (const [i, before] of opened.entries()) {
    const after = now[i]
    if (after?.id !== before.id) return new TopicsGoneError(before, after)
  }
  return undefined
}

/** Deletes the three. Resolves when no broker shows them any more. */
export async function deleteChannel(
  client: ClientOptions,
  observer: TopicObserver,
  channelName: string,
  deadline: Deadline
): Promise<void> {
  const names = [statusTopic(channelName, 'reader'), statusTopic(channelName, 'writer'), channelName]
  await deleteTopics(client, observer, names, deadline)
}

/** A topic was deleted under an open end, or replaced by another of the same name. */
export class TopicsGoneError extends ChannelError {
  override readonly isFatal = true
  constructor(
    readonly before: TopicDescription,
    readonly after: TopicDescription | undefined
  ) {
    const what = after
      ? `is another one: its id is ${after.id} and was ${before.id}`
      : `with the id ${before.id} is gone`
    super(
      'ERR_MILLRACE_TOPIC_REPLACED',
      `the topic ${before.name} ${what}; somebody has deleted it under this end, which has to be opened anew`
    )
  }
}
