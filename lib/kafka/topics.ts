/** What the brokers know of a topic: whether it is there, until all of them know the same of it, or nothing any more. */
import { setTimeout as delay } from 'node:timers/promises'
import { Deadline } from '../deadline.js'
import { TimeoutError } from '../errors.js'
import type { RequestAnswer } from '../native/index.js'
import { brokerError, code, isRetriable } from './broker-error.js'
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

const POLL_MS = 50

/** What one broker answers; `leaderless` when it knows the topic, but not all of its leaders. */
type Answer = TopicDescription | 'unknown' | 'leaderless' | 'no answer'

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
  if (answer.code === code.leaderNotAvailable) return 'leaderless'
  if (isRetriable(answer.code)) return 'no answer'
  if (answer.code !== 0) {
    throw brokerError(`asking for the topic ${topic}`, answer, { topic: `Describe on the topic ${topic}` })
  }
  const leaders = answer.leaders ?? new Int32Array()
  if (leaders.length === 0 || leaders.includes(-1)) return 'leaderless'
  return { name: topic, id: answer.topicId ?? '', partitionCount: leaders.length }
}

const unknownTopic = new Set<number>([code.unknownTopicOrPartition, code.unknownTopic])

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

/** Waits until no broker that answers shows the topic any more: then one of the same name can be created and used. */
export async function waitUntilGone(observer: TopicObserver, topic: string, deadline: Deadline): Promise<void> {
  while (await topicExists(observer, topic, deadline)) {
    await deadline.pause(POLL_MS, `the deleted topic ${topic} to be gone from every broker`)
  }
}

/**
 * Waits until every broker knows the topic, with a leader for each partition, and they agree.
 * @param partitions - and until there are at least so many, as after some were added
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
  const maker =
    partitions > 1
      ? 'its principal reader creates it, with one for each member of its own group size'
      : 'its principal reader creates it'
  try {
    return await deadline.wait(watch.seen, `the topic ${topic}${size} on every broker (${maker})`)
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
  const key = `${topic} ${partitions}`
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
    const isFit = typeof first === 'object' && first.partitionCount >= partitions
    if (isFit && others.every(other => isSame(first, other))) return first
    await delay(POLL_MS)
  } while (isWanted())
  throw new Error(`nobody waits for the topic ${topic} any more`)
}

function isSame(one: TopicDescription, other: Answer): boolean {
  return typeof other === 'object' && other.id === one.id && other.partitionCount === one.partitionCount
}
