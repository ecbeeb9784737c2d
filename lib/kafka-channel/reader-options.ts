/** What `KafkaChannelReader.open` takes, and the checks and defaults of it. */
import { inspect } from 'node:util'
import { BatchDecoder, RecordType, type Schema } from '../avro/index.js'
import { ConfigurationError } from '../errors.js'
import { type GroupMember, groupMember } from '../channel/index.js'
import { MAX_DRAIN_RECORDS, refuseLongText, refuseUnlikeText } from '../kafka/index.js'
import {
  type CheckedOptions,
  checkOptions,
  commonOptions,
  type KafkaChannelOptions,
  refuseUnknown,
  wholeNumber
} from './options.js'

/** What `KafkaChannelReader.open` takes. */
export interface KafkaChannelReaderOptions<T> extends KafkaChannelOptions<T> {
  /** Which member of which group this is; alone by default. The principal, index 0, creates the topic. */
  readonly group?: Partial<GroupMember>
  /** Schemas, besides `schema`, that records may have been written with; with `plain`, the one they were. */
  readonly writerSchemas?: readonly (Schema | RecordType)[]
  /**
   * At most so many records in a batch, up to 10,000. Default: 2,000, and fewer in groups of more than 125 members,
   * down to 100.
   */
  readonly maxBatchRecords?: number
  /** At most so many bytes in a batch, unless a single record has more; default 1 MiB. */
  readonly maxBatchBytes?: number
  /**
   * What to do at a record that cannot be decoded: `error` (default) stops in front of it, with `seek()` as the way over
   * it; `skip` passes over it and counts it in `reader.skipped`.
   */
  readonly onUndecodable?: 'error' | 'skip'
  /** Memory for records that are fetched ahead, for all readers of the group in this process; default 256 MiB. */
  readonly prefetchBytes?: number
  /** Replicas of the topic if this reader creates it; default: the cluster's. */
  readonly topicReplicationFactor?: number
}

/** librdkafka knows no larger cluster. */
const MOST_REPLICAS = 10_000

const readerOptions = [
  ...commonOptions,
  'group',
  'writerSchemas',
  'maxBatchRecords',
  'maxBatchBytes',
  'onUndecodable',
  'prefetchBytes',
  'topicReplicationFactor'
] as const

/** The options with everything checked and filled in. */
export interface CheckedReaderOptions<T> extends CheckedOptions<T> {
  readonly group: GroupMember
  readonly decoder: BatchDecoder<T>
  readonly skipsUndecodable: boolean
  readonly maxBatchRecords: number
  readonly maxBatchBytes: number
  readonly prefetchBytes: number
  readonly topicReplicationFactor: number
}

/** @throws TypeError, RangeError, ConfigurationError, SchemaError: before anything connects */
export function checkReaderOptions<T>(options: KafkaChannelReaderOptions<T>): CheckedReaderOptions<T> {
  const checked = checkOptions(options)
  refuseUnknown('a reader', options, readerOptions)
  const { type, encoding, channelName, limits } = checked
  const { writerSchemas = [] } = options
  if (!isArray(writerSchemas)) throw new TypeError('writerSchemas must be an array of schemas')
  // Not map, which passes over what is missing.
  const writers = Array.from(writerSchemas, writerSchema)
  const known = encoding === 'plain' && writers.length > 0 ? writers : [type as RecordType, ...writers]
  const group = groupMember(options.group, channelName)
  refuseUnknown('group', options.group ?? {}, ['name', 'index', 'size'])
  refuseUnlikeText('group.name', group.name)
  // What Kafka knows the group as.
  refuseLongText('group.name', `${group.name}.${channelName}`, undefined, `group.name with '.${channelName}' behind it`)
  const { maxBatchRecords, maxBatchBytes, onUndecodable = 'error', prefetchBytes, topicReplicationFactor } = options
  if (onUndecodable !== 'error' && onUndecodable !== 'skip') {
    throw new ConfigurationError(
      'onUndecodable',
      `onUndecodable must be 'error' or 'skip', not ${inspect(onUndecodable)}`
    )
  }
  return {
    ...checked,
    group,
    skipsUndecodable: onUndecodable === 'skip',
    decoder: new BatchDecoder(type, encoding, known, limits),
    maxBatchRecords: wholeNumber(
      'maxBatchRecords',
      maxBatchRecords,
      defaultBatchRecords(group.size),
      1,
      MAX_DRAIN_RECORDS
    ),
    maxBatchBytes: wholeNumber('maxBatchBytes', maxBatchBytes, 1024 * 1024, 1024, 2 ** 31),
    prefetchBytes: wholeNumber('prefetchBytes', prefetchBytes, 256 * 1024 * 1024, 64 * 1024, 2 ** 40),
    topicReplicationFactor:
      topicReplicationFactor === undefined
        ? -1
        : wholeNumber('topicReplicationFactor', topicReplicationFactor, 1, 1, MOST_REPLICAS)
  }
}

function writerSchema(schema: unknown, index: number): RecordType {
  if (typeof schema === 'string' || (typeof schema === 'object' && schema !== null)) return RecordType.of(schema)
  throw new TypeError(`writerSchemas[${index}] must be a schema, a JSON text or an object, not ${inspect(schema)}`)
}

/**
 * A loop that waits for its next batch still holds the last one, and so do all members of a large group in one
 * process: with 2,000 records each, 1,000 of them hold more than the young generation of the heap, and every
 * collection copies it.
 */
function defaultBatchRecords(groupSize: number): number {
  return Math.max(100, Math.min(2000, Math.floor(250_000 / groupSize)))
}

/** Array.isArray, which knows no read-only arrays. */
function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
