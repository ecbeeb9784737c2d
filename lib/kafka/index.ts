/**
 * The only folder that knows node-rdkafka: shared clients, direct assignment, offsets, topics, configuration. It moves
 * slabs of bytes and knows nothing of what they hold.
 */
export { partitionsOf } from './assignment.js'
export { code as kafkaCode, isRetriable, readError, writeError } from './broker-error.js'
export { featureCure, HEADERS as featureHeaders } from './build-features.js'
export { nearest } from './known-settings.js'
export { type ClientOptions, consumerConfig, ofBothRoles, producerConfig, shareKey } from './client-config.js'
export { checked as checkedSettings, isSecret, type KafkaSettings } from './settings.js'
export { refuseUnlikeSettings } from './settings-object.js'
export { ConsumerClient, type DrainBuffers, flag, MAX_DRAIN_RECORDS } from './consumer-client.js'
export type { ClientStatistics } from './client-statistics.js'
export type { TopicPlan } from './cluster-admin.js'
export type { CommitQueue, CommitTarget } from './commit-queue.js'
export type { Message, OutgoingMessage } from './message.js'
export { MessageProducer } from './message-producer.js'
export {
  type Committed,
  committedOffsets,
  committedWithMetadata,
  endOffsets,
  firstOffsets,
  groupCommits,
  groupOffsets
} from './offsets.js'
export { type Drained, type DrainedMessages, PartitionConsumer, type PartitionState } from './partition-consumer.js'
export { refuseLongText, refuseUnlikeText } from './plain-text.js'
export { prefetchSettings } from './prefetch.js'
export { ProducerClient } from './producer-client.js'
export { type Connect, type Lease, SharedClients } from './shared-clients.js'
export { TopicProducer } from './topic-producer.js'
export { addPartitions, createTopic, createTopics, deleteTopic, deleteTopics } from './topic-admin.js'
export {
  currentTopic,
  type TopicDescription,
  topicExists,
  type TopicObserver,
  waitForTopic,
  waitUntilGone
} from './topics.js'
