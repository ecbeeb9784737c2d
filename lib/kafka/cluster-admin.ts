/** What a cluster is asked to do with topics: by node-rdkafka's admin client, or in the embedded cluster. */
import { setTimeout as delay } from 'node:timers/promises'
import type { NewTopic } from 'node-rdkafka'
import type { Deadline } from '../deadline.js'
import { ConfigurationError } from '../errors.js'
import { type EmbeddedTopics, native } from '../native/index.js'
import { brokerError, code, isRetriable, type Rights } from './broker-error.js'
import { adminConfig, type ClientOptions } from './client-config.js'

/** What to create. */
export interface TopicPlan {
  readonly topic: string
  readonly partitions: number
  /** -1 for the cluster's default. */
  readonly topicReplicationFactor: number
  /** Kafka's settings of the topic, such as `cleanup.policy`, else the cluster's. The embedded broker has none. */
  readonly config?: Readonly<Record<string, string>> | undefined
}

/** Each call answers false when there was nothing to do. */
export interface ClusterAdmin {
  create(plan: TopicPlan, deadline: Deadline): Promise<boolean>
  addPartitions(topic: string, total: number, deadline: Deadline): Promise<boolean>
  delete(topic: string, deadline: Deadline): Promise<boolean>
  close(): void
}

/** Between two attempts after an answer that says "not now". */
const RETRY_MS = 50
/**
 * Between two calls of the embedded cluster: one that comes while its thread goes back to wait for the next is not seen
 * before a second is over, in which this thread stands still.
 */
const SETTLE_MS = 2
/** For one attempt: a thread of Node's pool waits for it. */
const ATTEMPT_MS = 30_000

type AdminClient = ReturnType<ReturnType<typeof native>['rdkafka']['AdminClient']['create']>
type Done = (error?: { code: number; message: string }) => void

/** A client of node-rdkafka. */
export class KafkaAdmin implements ClusterAdmin {
  readonly #client: AdminClient

  constructor(options: ClientOptions) {
    this.#client = native().rdkafka.AdminClient.create(adminConfig(options) as never)
  }

  create({ topic, partitions, topicReplicationFactor, config }: TopicPlan, deadline: Deadline): Promise<boolean> {
    const newTopic: NewTopic = {
      topic,
      num_partitions: partitions,
      replication_factor: topicReplicationFactor,
      // node-rdkafka takes one that is undefined for an object, and the process is gone.
      ...(config ? { config: { ...config } } : {})
    }
    const what = creating(topic, topicReplicationFactor)
    const rights = { topic: `Create on the topic ${topic}` }
    return this.#ask(what, rights, deadline, code.topicAlreadyExists, (timeoutMs, done) =>
      this.#client.createTopic(newTopic, timeoutMs, done)
    )
  }

  addPartitions(topic: string, total: number, deadline: Deadline): Promise<boolean> {
    const what = `adding partitions to the topic ${topic}`
    const rights = { topic: `Alter on the topic ${topic}` }
    return this.#ask(what, rights, deadline, code.invalidPartitions, (timeoutMs, done) =>
      this.#client.createPartitions(topic, total, timeoutMs, done)
    )
  }

  delete(topic: string, deadline: Deadline): Promise<boolean> {
    const what = `deleting the topic ${topic}`
    const rights = { topic: `Delete on the topic ${topic}` }
    return this.#ask(what, rights, deadline, code.unknownTopicOrPartition, (timeoutMs, done) =>
      this.#client.deleteTopic(topic, timeoutMs, done)
    )
  }

  close(): void {
    this.#client.disconnect()
  }

  /** @param needless - the answer of a cluster where this is so already */
  async #ask(
    what: string,
    rights: Rights,
    deadline: Deadline,
    needless: number,
    act: (timeoutMs: number, done: Done) => void
  ): Promise<boolean> {
    for (;;) {
      const answered = new Promise<number>((resolve, reject) => {
        act(deadline.remainingWithin(ATTEMPT_MS), error => {
          if (!error || error.code === needless) resolve(error?.code ?? 0)
          else reject(brokerError(what, error, rights, error))
        })
      })
      try {
        return (await deadline.wait(answered, what)) !== needless
      } catch (error) {
        const kafkaCode = (error as { kafkaCode?: number }).kafkaCode
        if (kafkaCode === undefined || !isRetriable(kafkaCode)) throw error
        await deadline.pause(RETRY_MS, what, error)
      }
    }
  }
}

/** The embedded cluster of this process, whose protocol has none of these requests. */
export class EmbeddedAdmin implements ClusterAdmin {
  constructor(private readonly topics: EmbeddedTopics) {}

  create({ topic, partitions, topicReplicationFactor }: TopicPlan): Promise<boolean> {
    const answer = this.topics.createTopic(topic, partitions, Math.max(1, topicReplicationFactor))
    return accepted(creating(topic, topicReplicationFactor), answer, code.topicAlreadyExists)
  }

  addPartitions(topic: string, total: number): Promise<boolean> {
    const message = `the embedded broker cannot add partitions to the topic ${topic}: create it with ${total} of them`
    return Promise.reject(new ConfigurationError('partitions', message))
  }

  delete(topic: string): Promise<boolean> {
    return accepted(`deleting the topic ${topic}`, this.topics.deleteTopic(topic), code.unknownTopicOrPartition)
  }

  close(): void {}
}

async function accepted(what: string, answer: number, needless: number): Promise<boolean> {
  if (answer !== 0 && answer !== needless) throw brokerError(what, { code: answer, message: '' })
  await delay(SETTLE_MS)
  return answer === 0
}

function creating(topic: string, replicas: number): string {
  return `creating the topic ${topic}${replicas > 0 ? ` with ${replicas} replicas` : ''}`
}
