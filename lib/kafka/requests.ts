/** librdkafka's asynchronous requests as promises. No thread of the pool waits for them. */
import type { Deadline } from '../deadline.js'
import { ChannelError } from '../errors.js'
import { native, type NativeRequests, type RequestAnswer } from '../native/index.js'
import { brokerError } from './broker-error.js'

/** librdkafka's own deadline of a request lies behind ours by this, so that ours is the one that speaks. */
const GRACE_MS = 500

/** What is known without a question: librdkafka refuses one about no partitions. */
const ofNothing: RequestAnswer = { id: 0, code: 0, message: '' }

/** librdkafka takes no longer one. */
const LONGEST_MS = 3_600_000

/** How often to look whether a client still has brokers. */
const LOOK_FOR_BROKERS_MS = 2000

interface Pending {
  readonly resolve: (answer: RequestAnswer) => void
  readonly reject: (error: Error) => void
}

export class Requests {
  readonly #native: NativeRequests
  readonly #pending = new Map<number, Pending>()
  readonly #lookingForBrokers: NodeJS.Timeout
  #lastId = 0
  #isClosed = false

  /**
   * @param client - librdkafka's name of a captured client
   * @param servers - `bootstrap.servers`
   * @param lookAtTopic - has the client hear anew what the brokers know of a topic; resolves whatever comes of it
   */
  constructor(
    client: string,
    isConsumer: boolean,
    servers: string,
    readonly lookAtTopic: (topic: string) => Promise<unknown>
  ) {
    this.#native = new (native().addon.Requests)(client, isConsumer, () => this.#takeAnswers())
    // librdkafka drops all brokers, those of bootstrap.servers too, when one answers that the cluster has none just now,
    // as one that stood still may. Then it has nobody left to ask, and would never come back.
    this.#lookingForBrokers = setInterval(() => {
      if (!this.knowsCluster()) this.#native.addBrokers(servers)
    }, LOOK_FOR_BROKERS_MS).unref()
  }

  /**
   * Commits offsets. Not ended by a deadline: the answer may come long after the one who asked has stopped waiting.
   * @param leaderEpochs - of the last record before each offset; -1 where unknown
   * @param metadata - kept by the broker beside each offset, at most 4,096 bytes by default
   */
  commit(
    topic: string,
    partitions: Int32Array,
    offsets: Float64Array,
    leaderEpochs: Int32Array,
    metadata = ''
  ): Promise<RequestAnswer> {
    return this.#ask(id => {
      const failed = this.#native.commit(id, topic, partitions, offsets, leaderEpochs, metadata)
      if (failed !== 0) throw brokerError(`committing offsets of ${topic}`, { code: failed, message: '' })
    })
  }

  /** The group's committed offsets, a negative one where there is none, and what was committed along with each. */
  async listCommitted(
    group: string,
    topic: string,
    partitions: Int32Array,
    deadline: Deadline
  ): Promise<RequestAnswer> {
    if (partitions.length === 0) return ofNothing
    const timeoutMs = nativeTimeout(deadline)
    const answer = this.#ask(id => this.#native.listCommitted(id, group, topic, partitions, timeoutMs))
    return await deadline.wait(answer, `the committed offsets of the group ${group}`)
  }

  /**
   * First (-2) or end (-1) offsets.
   * @param committedOnly - ends before the first record of an open transaction
   */
  async listOffsets(
    topic: string,
    partitions: Int32Array,
    spec: -2 | -1,
    committedOnly: boolean,
    deadline: Deadline
  ): Promise<RequestAnswer> {
    if (partitions.length === 0) return ofNothing
    const timeoutMs = nativeTimeout(deadline)
    const answer = this.#ask(id => this.#native.listOffsets(id, topic, partitions, spec, committedOnly, timeoutMs))
    return await deadline.wait(answer, `the ${spec === -1 ? 'end' : 'first'} offsets of ${topic}`)
  }

  /** A topic's partitions as one broker knows them. @param broker - its id */
  async describeTopic(topic: string, broker: number, deadline: Deadline): Promise<RequestAnswer> {
    const timeoutMs = nativeTimeout(deadline)
    const answer = this.#ask(id => this.#native.describeTopic(id, topic, broker, timeoutMs))
    return await deadline.wait(answer, `what broker ${broker} knows of the topic ${topic}`)
  }

  /** Whether a broker has told of its cluster yet. Asks nobody. */
  knowsCluster(): boolean {
    return this.#native.knowsCluster()
  }

  /** Rejects what is not answered. Idempotent. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#lookingForBrokers)
    this.#native.close()
    for (const { reject } of this.#pending.values()) reject(closed())
    this.#pending.clear()
  }

  #ask(start: (id: number) => void): Promise<RequestAnswer> {
    if (this.#isClosed) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#pending.set(id, { resolve, reject })
      try {
        start(id)
      } catch (error) {
        this.#pending.delete(id)
        throw error
      }
    })
  }

  #takeAnswers(): void {
    for (const answer of this.#native.takeAnswers()) {
      this.#pending.get(answer.id)?.resolve(answer)
      this.#pending.delete(answer.id)
    }
  }
}

function closed(): ChannelError {
  return new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', 'the client was closed before the answer came')
}

function nativeTimeout(deadline: Deadline): number {
  return Math.min(deadline.remainingWithin() + GRACE_MS, LONGEST_MS)
}
