/** The channel on Kafka: a reader and a writer of schema-checked records. */
export { TopicsGoneError } from './channel-topics.js'
export { KafkaChannelReader } from './kafka-channel-reader.js'
export { KafkaChannelWriter } from './kafka-channel-writer.js'
export type { KafkaChannelWriterOptions } from './writer-options.js'
export type { KafkaChannelOptions } from './options.js'
export type { KafkaChannelReaderOptions, Resources } from './reader-options.js'
export {
  ChannelObserver,
  type ChannelObserverOptions,
  type ChannelSnapshot,
  type EndSnapshot,
  type GroupSnapshot,
  type MemberSnapshot,
  removeChannel,
  type Removed,
  type WriterSnapshot
} from './observing/index.js'
