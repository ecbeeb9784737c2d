/** Topics: create, delete, and wait until every broker knows the same of one. */
import { setTimeout as delay } from 'node:timers/promises'
import type { NewTopic } from 'node-rdkafka'
import { Deadline } from '../deadline.js'
import { ChannelError, TimeoutError } from '../errors.js'
import { findEmbeddedCluster, native, type RequestAnswer } from '../native/index.js'
import { brokerError, code, isRetriable } from './broker-error.js'
import { adminConfig, type ClientOptions } from './client-config.js'
import type { Requests } from './requests.js'

/** What a client needs to ask about topics. */
export interface TopicObserver {
  readonly requests: Requests
  /** Each of them must agree. */
  readonly brokerIds: readonly number[]
}

/** A topic as every broker knows it. */
export interface TopicDescription {
  readonly name: string
  /** Kafka's id of the topic: another topic of the same name has another. */
  readonly id: string
  readonly partitionCount: number
}

/** What to create. */
export interface TopicPlan {
  readonly topic: string
  readonly partitions: number
  /** -1 for the cluster's default. */
  readonly topicReplicationFactor: number
  /** Kafka's settings of the topic. */
  readonly config?: Readonly<Record<string, string>>
}

const POLL_MS = 50

/**
 * Creates a topic. Resolves when the cluster has accepted it, which is before every broker knows it.
 * @returns false when it was there already
 */
export async function createTopic(options: ClientOptions, plan: TopicPlan, deadline: Deadline): Promise<boolean> {
  const { topic, partitions, topicReplicationFactor, config } = plan
  const what = `creating the topic ${topic}`
  const embedded = findEmbeddedCluster(options.bootstrapServers)
  if (embedded) {
    const failed = embedded.createTopic(topic, partitions, Math.max(1, topicReplicationFactor))
    if (failed !== 0 && failed !== code.topicAlreadyExists) throw brokerError(what, { code: failed, message: '' })
    return failed === 0
  }
  const newTopic: NewTopic = {
    topic,
    num_partitions: partitions,
    replication_factor: topicReplicationFactor,
    ...(config && { config })
  }
  return await administer(options, what, deadline, code.topicAlreadyExists, (admin, timeoutMs, done) =>
    admin.createTopic(newTopic, timeoutMs, done)
  )
}

/** Gives a topic more partitions. @param total - as many as it shall have */
export async function addPartitions(
  options: ClientOptions,
  topic: string,
  total: number,
  deadline: Deadline
): Promise<void> {
  const what = `adding partitions to the topic ${topic}`
  if (findEmbeddedCluster(options.bootstrapServers)) {
    throw new ChannelError(
      'ERR_MILLRACE_TOPIC_UNFIT',
      `the embedded broker cannot add partitions to the topic ${topic}, which needs ${total}`
    )
  }
  await administer(options, what, deadline, 37, (admin, timeoutMs, done) =>
    admin.createPartitions(topic, total, timeoutMs, done)
  )
}

/** Deletes a topic with all its records. @returns false when there was none */
export async function deleteTopic(options: ClientOptions, topic: string, deadline: Deadline): Promise<boolean> {
  const what = `deleting the topic ${topic}`
  const embedded = findEmbeddedCluster(options.bootstrapServers)
  if (embedded) {
    const failed = embedded.deleteTopic(topic)
    if (failed !== 0 && failed !== code.unknownTopicOrPartition) throw brokerError(what, { code: failed, message: '' })
    return failed === 0
  }
  return await administer(options, what, deadline, code.unknownTopicOrPartition, (admin, timeoutMs, done) =>
    admin.deleteTopic(topic, timeoutMs, done)
  )
}

type Admin = ReturnType<ReturnType<typeof native>['rdkafka']['AdminClient']['create']>
type Done = (error?: { code: number; message: string }) => void

async function administer(
  options: ClientOptions,
  what: string,
  deadline: Deadline,
  needless: number,
  act: (admin: Admin, timeoutMs: number, done: Done) => void
): Promise<boolean> {
  const admin = native().rdkafka.AdminClient.create(adminConfig(options) as never)
  try {
    for (;;) {
      const answered = new Promise<number>((resolve, reject) => {
        act(admin, deadline.remainingWithin(30_000), error => {
          if (!error || error.code === needless) resolve(error?.code ?? 0)
          else reject(brokerError(what, error, error))
        })
      })
      try {
        return (await deadline.wait(answered, what)) !== needless
      } catch (error) {
        const kafkaCode = (error as { kafkaCode?: number }).kafkaCode
        if (kafkaCode === undefined || !isRetriable(kafkaCode)) throw error
        await deadline.pause(POLL_MS, what, error)
      }
    }
  } finally {
    admin.disconnect()
  }
}

/** What one broker answers when it does not know the topic, or not all of its leaders yet. */
type Answer = TopicDescription | 'unknown' | 'no answer'

/** How long one broker may take before it does not count: it is dead, or the list of brokers is old. */
const BROKER_TIMEOUT_MS = 2000

async function askBroker(
  { requests }: TopicObserver,
  topic: string,
  broker: number,
  deadline: Deadline
): Promise<Answer> {
  const within = deadline.within(BROKER_TIMEOUT_MS)
  let answer: RequestAnswer
  try {
    answer = await requests.describeTopic(topic, broker, within)
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    return 'no answer'
  }
  if (unknownTopic.has(answer.code)) return 'unknown'
  if (isRetriable(answer.code)) return 'no answer'
  if (answer.code !== 0) throw brokerError(`asking for the topic ${topic}`, answer)
  const leaders = answer.leaders ?? new Int32Array()
  if (leaders.length === 0 || leaders.includes(-1)) return 'unknown'
  return { name: topic, id: answer.topicId ?? '', partitionCount: leaders.length }
}

const unknownTopic = new Set<number>([code.unknownTopicOrPartition, code.unknownTopic, code.leaderNotAvailable])

/** What each broker that answers says. */
async function askBrokers(observer: TopicObserver, topic: string, deadline: Deadline): Promise<Answer[]> {
  const all = await Promise.all(observer.brokerIds.map(id => askBroker(observer, topic, id, deadline)))
  return all.filter(answer => answer !== 'no answer')
}

/** Whether any broker knows the topic now; waits until one answers. */
export async function topicExists(observer: TopicObserver, topic: string, deadline: Deadline): Promise<boolean> {
  for (;;) {
    const answers = await askBrokers(observer, topic, deadline)
    if (answers.length > 0) return answers.some(answer => answer !== 'unknown')
    await deadline.pause(POLL_MS, `a broker that answers what it knows of the topic ${topic}`)
  }
}

/**
 * The topic as the first broker that knows it knows it now; waits until one answers.
 * @returns undefined when no broker that answers knows it
 */
export async function currentTopic(
  observer: TopicObserver,
  topic: string,
  deadline: Deadline
): Promise<TopicDescription | undefined> {
  for (;;) {
    let isUnknown = false
    for (const id of observer.brokerIds) {
      const answer = await askBroker(observer, topic, id, deadline)
      if (typeof answer === 'object') return answer
      isUnknown ||= answer === 'unknown'
    }
    if (isUnknown) return undefined
    await deadline.pause(POLL_MS, `a broker that answers what it knows of the topic ${topic}`)
  }
}

/**
 * Waits until every broker knows the topic, with a leader for each partition, and they agree.
 * @param partitions - as many as it must have; what it has fewer of is on its way
 */
export async function waitForTopic(
  observer: TopicObserver,
  topic: string,
  deadline: Deadline,
  partitions = 1
): Promise<TopicDescription> {
  const watch = watchOf(observer, topic, partitions)
  watch.waiting++
  const size = partitions > 1 ? ` with ${partitions} partitions` : ''
  try {
    return await deadline.wait(
      watch.seen,
      `the topic ${topic}${size} on every broker (its principal reader creates it)`
    )
  } finally {
    watch.waiting--
  }
}

/** All who wait for a topic on one client ask together, see it at the same time, and are assigned together. */
interface Watch {
  waiting: number
  readonly seen: Promise<TopicDescription>
}

const watches = new WeakMap<TopicObserver, Map<string, Watch>>()

function watchOf(observer: TopicObserver, topic: string, partitions: number): Watch {
  const key = `${partitions} ${topic}`
  const ofClient = watches.get(observer) ?? new Map<string, Watch>()
  watches.set(observer, ofClient)
  let watch = ofClient.get(key)
  if (!watch) {
    const isWanted = (): boolean => (watch?.waiting ?? 0) > 0
    watch = { waiting: 0, seen: look(observer, topic, partitions, isWanted).finally(() => ofClient.delete(key)) }
    ofClient.set(key, watch)
  }
  return watch
}

async function look(
  observer: TopicObserver,
  topic: string,
  partitions: number,
  isWanted: () => boolean
): Promise<TopicDescription> {
  do {
    const [first, ...others] = await askBrokers(observer, topic, new Deadline({}, BROKER_TIMEOUT_MS))
    const isThere = typeof first === 'object' && first.partitionCount >= partitions
    if (isThere && others.every(other => isSame(first, other))) return first
    await delay(POLL_MS)
  } while (isWanted())
  throw new Error(`nobody waits for the topic ${topic} any more`)
}

function isSame(one: TopicDescription, other: Answer): boolean {
  return typeof other === 'object' && other.id === one.id && other.partitionCount === one.partitionCount
}
