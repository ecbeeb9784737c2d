/** Topics: create, delete, and wait until every broker knows the same of one. */
import { setTimeout as delay } from 'node:timers/promises'
import type { NewTopic } from 'node-rdkafka'
import { Deadline } from '../deadline.js'
import { TimeoutError } from '../errors.js'
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
}

const POLL_MS = 50

/**
 * Creates a topic. Resolves when the cluster has accepted it, which is before every broker knows it.
 * @returns false when it was there already
 */
export async function createTopic(options: ClientOptions, plan: TopicPlan, deadline: Deadline): Promise<boolean> {
  const { topic, partitions, topicReplicationFactor } = plan
  const replicas = topicReplicationFactor > 0 ? ` with ${topicReplicationFactor} replicas` : ''
  const what = `creating the topic ${topic}${replicas}`
  const embedded = findEmbeddedCluster(options.bootstrapServers)
  if (embedded) {
    const failed = embedded.createTopic(topic, partitions, Math.max(1, topicReplicationFactor))
    if (failed !== 0 && failed !== code.topicAlreadyExists) throw brokerError(what, { code: failed, message: '' })
    return failed === 0
  }
  const newTopic: NewTopic = { topic, num_partitions: partitions, replication_factor: topicReplicationFactor }
  return await administer(options, what, deadline, code.topicAlreadyExists, (admin, timeoutMs, done) =>
    admin.createTopic(newTopic, timeoutMs, done)
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

/** Waits until every broker knows the topic, with a leader for each partition, and they agree. */
export async function waitForTopic(
  observer: TopicObserver,
  topic: string,
  deadline: Deadline
): Promise<TopicDescription> {
  const watch = watchOf(observer, topic)
  watch.waiting++
  try {
    return await deadline.wait(watch.seen, `the topic ${topic} on every broker (its principal reader creates it)`)
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

function watchOf(observer: TopicObserver, topic: string): Watch {
  const ofClient = watches.get(observer) ?? new Map<string, Watch>()
  watches.set(observer, ofClient)
  let watch = ofClient.get(topic)
  if (!watch) {
    const isWanted = (): boolean => (watch?.waiting ?? 0) > 0
    watch = { waiting: 0, seen: look(observer, topic, isWanted).finally(() => ofClient.delete(topic)) }
    ofClient.set(topic, watch)
  }
  return watch
}

async function look(observer: TopicObserver, topic: string, isWanted: () => boolean): Promise<TopicDescription> {
  do {
    const [first, ...others] = await askBrokers(observer, topic, new Deadline({}, BROKER_TIMEOUT_MS))
    if (typeof first === 'object' && others.every(other => isSame(first, other))) return first
    await delay(POLL_MS)
  } while (isWanted())
  throw new Error(`nobody waits for the topic ${topic} any more`)
}

function isSame(one: TopicDescription, other: Answer): boolean {
  return typeof other === 'object' && other.id === one.id && other.partitionCount === one.partitionCount
}
