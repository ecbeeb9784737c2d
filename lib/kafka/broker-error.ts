/** What librdkafka's error codes mean to us. */
import { BrokerError } from '../errors.js'
import { native } from '../native/index.js'

/** librdkafka's codes by the names they have there, as far as we decide by them. */
export const code = {
  badMessage: -199,
  badCompression: -198,
  queueFull: -184,
  timedOut: -185,
  ssl: -181,
  notImplemented: -170,
  authentication: -169,
  autoOffsetReset: -140,
  unknownTopic: -188,
  unknownPartition: -190,
  noLeader: -156,
  transport: -195,
  allBrokersDown: -187,
  fatal: -150,
  destroyBroker: -137,
  waitCoordinator: -180,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  recordTooLarge: 10,
  networkException: 13,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  notController: 41,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  invalidReplicationFactor: 38,
  invalidConfig: 40
} as const

/** Answers after which the same request may succeed: a broker, leader or coordinator is away or moving. */
const retriable = new Set<number>([
  code.timedOut,
  code.transport,
  code.allBrokersDown,
  code.waitCoordinator,
  // It was asked while it was dropped from the list of brokers, to come back with the next.
  code.destroyBroker,
  code.leaderNotAvailable,
  code.notLeader,
  code.requestTimedOut,
  code.networkException,
  code.coordinatorLoading,
  code.coordinatorNotAvailable,
  code.notCoordinator,
  code.notController,
  code.fencedLeaderEpoch,
  code.unknownLeaderEpoch
])

export function isRetriable(kafkaCode: number): boolean {
  return retriable.has(kafkaCode)
}

/** What librdkafka put into the place of a record. */
export function readError(topic: string, partition: number, answer: { code: number; message: string }): BrokerError {
  return brokerError(`reading ${topic} [${partition}]`, answer, { topic: `Read on the topic ${topic}` })
}

/** Which rights what was being done takes, by what Kafka finds them missing of: `Create on the topic x`. */
export interface Rights {
  readonly topic?: string
  readonly group?: string
  readonly cluster?: string
}

/**
 * @param doing - what was being done, as the beginning of a sentence: `creating the topic x`
 * @param answer - librdkafka's code, and its text where it gave one
 */
export function brokerError(
  doing: string,
  answer: { code: number; message: string },
  { topic, group, cluster }: Rights = {},
  cause?: unknown
): BrokerError {
  const reason = answer.message || native().addon.errorText(answer.code)
  const missing = {
    [code.topicAuthorizationFailed]: topic,
    [code.groupAuthorizationFailed]: group,
    [code.clusterAuthorizationFailed]: cluster
  }[answer.code]
  const cure = missing ? ` (the user has no right to ${missing})` : ''
  return new BrokerError(`${doing}: ${reason}${cure}`, answer.code, {
    isRetriable: isRetriable(answer.code),
    isFatal: answer.code === code.fatal,
    ...(cause === undefined ? {} : { cause })
  })
}

/** A producer as far as its failure goes. */
interface FailedProducer {
  /** Why it can produce nothing any more, with librdkafka's number of that. */
  readonly fatalError: { readonly code: number; readonly message: string } | undefined
}

/** @param failed - of a record that was not acknowledged */
export function writeError(doing: string, failed: number, producer: FailedProducer, topic: string): BrokerError {
  const right = `Write on the topic ${topic}`
  // Kafka before 2.8 wants the second in place of the first, for the id of an idempotent producer.
  const rights = { topic: right, cluster: `${right}, nor to IdempotentWrite on the cluster` }
  const fatal = failed === code.fatal ? producer.fatalError : undefined
  if (!fatal) return brokerError(doing, { code: failed, message: '' }, rights)
  const { message, kafkaCode } = brokerError(doing, fatal, rights)
  return new BrokerError(message, kafkaCode, { isFatal: true })
}
