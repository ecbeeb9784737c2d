/**
 * The embedded broker: librdkafka's mock cluster inside this process. Nothing to install or start; it speaks Kafka's
 * protocol on loopback ports. It keeps about 5 MB and 100,000 batches a partition and drops the oldest beyond. It knows
 * no sequence numbers: records that are sent again, since their answer was lost, are in its log twice.
 */
import { ConfigurationError } from '../errors.js'
import { type EmbeddedTopics, type MockCluster, native, registerEmbeddedCluster } from '../native/index.js'
import type { BrokerCapability, TestBroker } from './test-broker.js'

const TOPIC_EXISTS = 36
const UNKNOWN_TOPIC = 3
const INVALID_REPLICATION_FACTOR = 38

/** How an embedded broker is started. */
export interface EmbeddedBrokerOptions {
  /** Brokers of the cluster; default 1. Their ids count from 1. */
  readonly brokers?: number
}

/** Kafka's numbers of the requests that errors can be injected into. */
export const apiKey = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  offsetFetch: 9,
  findCoordinator: 10,
  initProducerId: 22
} as const

/** A cluster inside this process, with faults to order. */
export class EmbeddedBroker implements TestBroker, EmbeddedTopics {
  readonly kind = 'embedded'
  readonly bootstrapServers: string
  readonly capabilities: ReadonlySet<BrokerCapability> = new Set(['inject-errors', 'set-round-trip-time'])
  readonly #cluster: MockCluster
  readonly #brokers: number
  readonly #topics = new Set<string>()
  readonly #deleted = new Set<string>()
  readonly #unregister: () => void

  constructor(options: EmbeddedBrokerOptions = {}) {
    this.#brokers = options.brokers ?? 1
    this.#cluster = new (native().addon.MockCluster)(this.#brokers)
    this.bootstrapServers = this.#cluster.bootstrapServers()
    this.#unregister = registerEmbeddedCluster(this.bootstrapServers, this)
  }

  createTopic(name: string, partitions: number, replicationFactor = 1): number {
    if (this.#topics.has(name)) return TOPIC_EXISTS
    // The mock cluster cannot remove a topic's records, and giving them out as the new topic's would be worse.
    if (this.#deleted.has(name)) {
      throw new ConfigurationError(
        name,
        `the embedded broker cannot create the deleted topic ${name} anew: use another name`
      )
    }
    // As Kafka does; the mock cluster makes fewer replicas without a word.
    if (replicationFactor > this.#brokers) return INVALID_REPLICATION_FACTOR
    const failed = this.#cluster.createTopic(name, partitions, replicationFactor)
    if (failed === 0) this.#topics.add(name)
    return failed
  }

  deleteTopic(name: string): number {
    if (!this.#topics.delete(name)) return UNKNOWN_TOPIC
    this.#deleted.add(name)
    return this.#cluster.setTopicError(name, UNKNOWN_TOPIC)
  }

  /** Closes the broker's connections and its port, or opens it again. @param broker - its id, from 1 */
  setBrokerUp(broker: number, up: boolean): void {
    done(this.#cluster.setBrokerUp(broker, up))
  }

  /** Delays each answer of a broker. */
  setRoundTripTime(broker: number, ms: number): void {
    done(this.#cluster.setRoundTripTime(broker, ms))
  }

  setLeader(topic: string, partition: number, broker: number): void {
    done(this.#cluster.setLeader(topic, partition, broker))
  }

  /** Makes a broker the coordinator of a Kafka group. */
  setCoordinator(group: string, broker: number): void {
    done(this.#cluster.setCoordinator(group, broker))
  }

  /** Answers the next requests of a kind with these error codes, one each. @param key - one of `apiKey` */
  injectErrors(key: number, codes: readonly number[]): void {
    done(this.#cluster.pushErrors(key, Int32Array.from(codes)))
  }

  /** As `injectErrors`, at one broker, each after a delay. A code of 0 only delays. */
  injectDelayedErrors(broker: number, key: number, errors: readonly { code: number; delayMs: number }[]): void {
    const codes = Int32Array.from(errors, ({ code }) => code)
    const delays = Int32Array.from(errors, ({ delayMs }) => delayMs)
    done(this.#cluster.pushBrokerErrors(broker, key, codes, delays))
  }

  clearErrors(key: number): void {
    done(this.#cluster.clearErrors(key))
  }

  close(): Promise<void> {
    this.#unregister()
    this.#cluster.close()
    return Promise.resolve()
  }
}

/** A fault that was not ordered would let a test pass. @throws RangeError for a broker, topic or partition not there */
function done(code: number): void {
  if (code === 0) return
  throw new RangeError(`the embedded broker cannot do this: ${native().addon.errorText(code)}`)
}

let shared: EmbeddedBroker | undefined

/** The servers of the one embedded broker that `location: 'embedded:'` means in this process; started on first use. */
export function embeddedServers(): string {
  shared ??= new EmbeddedBroker()
  return shared.bootstrapServers
}
