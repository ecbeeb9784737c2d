/** What `KafkaChannelReader.open` takes, and the checks and defaults of it. */
import { inspect } from 'node:util'
import { BatchDecoder, RecordType, type Schema } from '../avro/index.js'
import { ConfigurationError } from '../errors.js'
import { type AwaitedCounterparts, type GroupMember, groupMember } from '../channel/index.js'
import { MAX_DRAIN_RECORDS, refuseLongText, refuseUnlikeSettings, refuseUnlikeText } from '../kafka/index.js'
import {
  type CheckedOptions,
  checkOptions,
  commonOptions,
  type KafkaChannelOptions,
  oneOf,
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
   * it; `skip` passes over it and counts it in `reader.skipped`; `dead-letter` writes it to the topic
   * `<channelName>.dead`, counts it in `reader.deadLettered`, and commits no offset behind it before that is acknowledged.
   * The principal creates that topic unless `resources` is `existing`, and nobody deletes it.
   */
  readonly onUndecodable?: 'error' | 'skip' | 'dead-letter'
  /**
   * What to do where records were removed from the log before they were read (retention, deletion): `error` (default)
   * stops in front of the gap, with `seek()` as the way over it; `earliest` goes on at the first offset that the
   * partition still has, and counts in `reader.lost` how many are gone. Beyond the end of the log both are an error: the
   * topic was cut, or made anew. At `open`, where the group has nothing committed though records are gone or it is known
   * to have committed, `error` refuses and `earliest` begins at the first offset.
   */
  readonly onOffsetOutOfRange?: 'error' | 'earliest'
  /** Memory for records that are fetched ahead, for all readers of the group in this process; default 256 MiB. */
  readonly prefetchBytes?: number
  /** This end's name in the channel's status log; default: the group's name, and the index of a replica. */
  readonly name?: string
  /**
   * Every member reads all records, of a topic with one partition, under a group id of its own in Kafka; default false.
   * That takes a client for each member.
   */
  readonly groupMode?: boolean
  /** How many writers the channel has, if that is known: it is not finished before so many have come and stopped. */
  readonly writers?: number
  /**
   * Which writers `open` waits for, within `timeoutMs`: `none` (default); `one` that has opened; `all` of them, which
   * `writers` counts; `stopped`: all of them to have written everything and closed, so that nothing is read before.
   */
  readonly waitForWriters?: 'none' | 'one' | 'all' | 'stopped'
  /** What to do about a writer that is silent for longer than its patience: `fail` (default), or `wait` for it. */
  readonly onPeerLost?: 'fail' | 'wait'
  /** How long a counterpart may be silent before it is lost, in milliseconds; default 120,000. */
  readonly patienceMs?: number
  /**
   * `create` (default): the principal creates the channel's topics where they are missing, and deletes them when the
   * channel has come to its end; `keep`: it creates them and deletes nothing; `existing`: nobody creates, changes or
   * deletes any.
   */
  readonly resources?: Resources
  /** Replicas of the topics if this reader creates them; default: the cluster's. */
  readonly topicReplicationFactor?: number
  /** Kafka's settings of the data topic if this reader creates it: `{ 'retention.ms': '604800000' }`. */
  readonly topicConfig?: Readonly<Record<string, string>>
}

/** Who makes a channel's topics. */
export type Resources = 'create' | 'keep' | 'existing'

const resourceModes: readonly [Resources, ...Resources[]] = ['create', 'keep', 'existing']
/** librdkafka knows no larger cluster. */
const MOST_REPLICAS = 10_000

const readerOptions = [
  ...commonOptions,
  'group',
  'writerSchemas',
  'maxBatchRecords',
  'maxBatchBytes',
  'onUndecodable',
  'onOffsetOutOfRange',
  'prefetchBytes',
  'name',
  'groupMode',
  'writers',
  'waitForWriters',
  'onPeerLost',
  'patienceMs',
  'resources',
  'topicReplicationFactor',
  'topicConfig'
] as const

/** The options with everything checked and filled in. */
export interface CheckedReaderOptions<T> extends CheckedOptions<T> {
  readonly group: GroupMember
  readonly decoder: BatchDecoder<T>
  readonly skipsUndecodable: boolean
  readonly writesDeadLetters: boolean
  readonly passesGaps: boolean
  readonly maxBatchRecords: number
  readonly maxBatchBytes: number
  readonly prefetchBytes: number
  /** In the status log. */
  readonly name: string
  /** Kafka's. */
  readonly groupId: string
  readonly isGroupMode: boolean
  /** Partitions that the data topic must have. */
  readonly partitions: number
  /** 0 where nobody said. */
  readonly writers: number
  readonly awaited: AwaitedCounterparts
  readonly waitsForLost: boolean
  readonly patienceMs: number
  readonly heartbeatMs: number
  readonly resources: Resources
  readonly isPlain: boolean
  readonly topicReplicationFactor: number
  readonly topicConfig: Readonly<Record<string, string>>
}

/** In small groups; see `heartbeatMs` of the channel's rules. */
export const HEARTBEAT_MS = 2000
export const PATIENCE_MS = 120_000

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
  const { maxBatchRecords, maxBatchBytes, prefetchBytes, topicReplicationFactor } = options
  const onUndecodable = oneOf('onUndecodable', options.onUndecodable, ['error', 'skip', 'dead-letter'])
  const onOffsetOutOfRange = oneOf('onOffsetOutOfRange', options.onOffsetOutOfRange, ['error', 'earliest'])
  const { groupMode = false, topicConfig = {} } = options
  if (typeof groupMode !== 'boolean') throw new TypeError('groupMode must be true or false')
  const writerCount = wholeNumber('writers', options.writers, 0, 0, 100_000)
  const awaited = oneOf('waitForWriters', options.waitForWriters, ['none', 'one', 'all', 'stopped'])
  if (awaited === 'all' && writerCount === 0) {
    throw new ConfigurationError('writers', "waitForWriters: 'all' needs to know how many there are: give writers")
  }
  const onPeerLost = oneOf('onPeerLost', options.onPeerLost, ['fail', 'wait'])
  const resources = oneOf('resources', options.resources, resourceModes)
  const name = options.name ?? (group.index === 0 ? group.name : `${group.name}.${group.index}`)
  if (typeof name !== 'string' || name === '') throw new TypeError('name must be a text that is not empty')
  refuseUnlikeText('name', name)
  const groupId = `${groupMode ? name : group.name}.${channelName}`
  const idIsOf = groupMode && options.name !== undefined ? 'name' : 'group.name'
  refuseLongText(idIsOf, groupId, undefined, `${idIsOf} with '.${channelName}' behind it`)
  refuseLongText('name', name)
  return {
    ...checked,
    group,
    name,
    groupId,
    isGroupMode: groupMode,
    partitions: groupMode ? 1 : group.size,
    writers: writerCount,
    awaited,
    waitsForLost: onPeerLost === 'wait',
    patienceMs: wholeNumber('patienceMs', options.patienceMs, PATIENCE_MS, 1000, 2 ** 31 - 1),
    heartbeatMs: HEARTBEAT_MS,
    resources,
    isPlain: encoding === 'plain',
    topicConfig: checkedTopicConfig(topicConfig),
    skipsUndecodable: onUndecodable === 'skip',
    writesDeadLetters: onUndecodable === 'dead-letter',
    passesGaps: onOffsetOutOfRange === 'earliest',
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

function checkedTopicConfig(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  refuseUnlikeSettings('topicConfig', config)
  for (const [key, value] of Object.entries(config) as [string, unknown][]) {
    if (typeof value !== 'string') {
      throw new ConfigurationError(
        key,
        `'${key}' in topicConfig must be a text, as Kafka takes it, not ${typeof value}`
      )
    }
    refuseUnlikeText('topicConfig', key)
    refuseUnlikeText(key, value)
  }
  return config
}
