/** The public names, one by one: a name that is exported is a promise. */
export { type DecodeOptions, type Encoding, type RecordLimits, RecordType, type Schema } from './avro/index.js'
export type { Batch, BatchesOptions, ChannelReader, ChannelWriter, GroupMember, ReadOptions } from './channel/index.js'
export type { WaitOptions } from './deadline.js'
export {
  BrokerError,
  ChannelError,
  ConfigurationError,
  type ErrorCode,
  errorCodes,
  MillraceError,
  NativeError,
  OffsetOutOfRangeError,
  RecordError,
  SchemaError,
  TimeoutError,
  UndecodableRecordError,
  type WriteCounts,
  WriteError
} from './errors.js'
export type { KafkaSettings } from './kafka/index.js'
export {
  type KafkaChannelOptions,
  KafkaChannelReader,
  type KafkaChannelReaderOptions,
  KafkaChannelWriter,
  type KafkaChannelWriterOptions
} from './kafka-channel/index.js'
