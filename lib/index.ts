/** The public names, one by one: a name that is exported is a promise. */
export {
  type AvroValue,
  type DecodeOptions,
  type Encoding,
  type LongForm,
  type RecordLimits,
  RecordType,
  type Schema,
  type SchemaLiteral
} from './avro/index.js'
export {
  type Batch,
  type BatchesOptions,
  type ChannelReader,
  type ChannelWriter,
  type Ends,
  type EndState,
  type GroupMember,
  type Key,
  PeerError,
  type PeerRecord,
  type ReadOptions,
  type Role,
  SupersededError
} from './channel/index.js'
export type { WaitOptions } from './deadline.js'
export {
  BrokerError,
  ChannelError,
  CodecMissingError,
  ConfigurationError,
  DeadLetterError,
  type ErrorCode,
  errorCodes,
  MillraceError,
  NativeError,
  OffsetOutOfRangeError,
  OffsetsExpiredError,
  RecordError,
  SchemaError,
  TimeoutError,
  UndecodableRecordError,
  type WriteCounts,
  WriteError
} from './errors.js'
export type { ClientStatistics, KafkaSettings } from './kafka/index.js'
export {
  ChannelObserver,
  type ChannelObserverOptions,
  type ChannelSnapshot,
  type EndSnapshot,
  type GroupSnapshot,
  type KafkaChannelOptions,
  KafkaChannelReader,
  type KafkaChannelReaderOptions,
  KafkaChannelWriter,
  type KafkaChannelWriterOptions,
  type MemberSnapshot,
  type Resources,
  TopicsGoneError,
  type WriterSnapshot
} from './kafka-channel/index.js'
