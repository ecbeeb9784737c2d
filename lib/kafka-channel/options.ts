/** What both ends of a Kafka channel are opened with, and the checks and defaults of it. */
import { inspect } from 'node:util'
import {
  type Encoding,
  encodings,
  LARGEST_RECORD_DEPTH,
  type RecordLimits,
  RecordType,
  type Schema
} from '../avro/index.js'
import { embeddedServers } from '../broker/index.js'
import type { WaitOptions } from '../deadline.js'
import { ConfigurationError } from '../errors.js'
import {
  type ClientOptions,
  type KafkaSettings,
  nearest,
  refuseLongText,
  refuseUnlikeSettings,
  refuseUnlikeText
} from '../kafka/index.js'
import { LONGEST_SUFFIX } from './channel-topics.js'

/** What a reader and a writer have in common. */
export interface KafkaChannelOptions<T> extends WaitOptions, RecordLimits {
  /**
   * The brokers, `host:port,host:port`. `embedded:` starts one inside this process and is the same one for all ends
   * of the process.
   */
  readonly location: string
  /** The channel's name, which is the data topic's: letters, digits, `.`, `_`, `-`, at most 236. */
  readonly channelName: string
  /** The records' Avro schema: JSON text, object, or a RecordType. */
  readonly schema: Schema | RecordType<T>
  /**
   * How records stand in the topic: `single-object` (default) carries the fingerprint of the writer's schema with
   * each record, `plain` is the bare body, as pypz writes and reads it. The same for all ends of a channel.
   */
  readonly encoding?: Encoding
  /** Kafka's own dotted settings, handed to librdkafka as they are. Unknown and owned ones are refused by name. */
  readonly channelConfig?: KafkaSettings
  /** Kafka's `client.id`, of at most 100 bytes; default `millrace`. */
  readonly clientId?: string
  /** Milliseconds for `open` altogether; default 60,000. */
  readonly timeoutMs?: number | undefined
}

export const DEFAULT_OPEN_TIMEOUT_MS = 60_000

/**
 * librdkafka names each client `<clientId>#consumer-<number>`, in 127 bytes, and by that name the addon finds it: of a
 * longer one the number is cut off, and one client is taken for another.
 */
const LONGEST_CLIENT_ID = 100

/** The location of the broker inside this process. */
const EMBEDDED = 'embedded:'

/** A port is from 1 to 65535: librdkafka takes a larger one modulo 65536, which is another server. */
const BROKER = /^[^\s,/]+:([1-9]\d{0,4})$/
const isBroker = (text: string): boolean => Number(BROKER.exec(text)?.[1] ?? Infinity) <= 65_535

/** @see `Topic.validate` in Apache Kafka's `clients` */
const TOPIC_NAME = /^[a-zA-Z0-9._-]+$/
const LONGEST_TOPIC_NAME = 249
const LONGEST_CHANNEL_NAME = LONGEST_TOPIC_NAME - LONGEST_SUFFIX.length

/** The options with everything checked and filled in. */
export interface CheckedOptions<T> {
  readonly client: ClientOptions
  readonly channelName: string
  readonly type: RecordType<T>
  readonly encoding: Encoding
  readonly limits: RecordLimits
}

/** @throws TypeError, RangeError, ConfigurationError, SchemaError: before anything connects */
export function checkOptions<T>(options: KafkaChannelOptions<T>): CheckedOptions<T> {
  if (typeof options !== 'object' || options === null) throw new TypeError('open takes an object of options')
  const { channelName, schema, encoding = 'single-object' } = options
  checkConnection(options)
  checkChannelName(channelName)
  if (!encodings.includes(encoding)) {
    throw new ConfigurationError(
      'encoding',
      `encoding must be one of ${encodings.join(', ')}, not '${String(encoding)}'`
    )
  }
  const type = RecordType.of<T>(schema)
  const { maxRecordValues, maxRecordDepth } = options
  const limits = {
    maxRecordValues: optional('maxRecordValues', maxRecordValues, 2 ** 31 - 1),
    maxRecordDepth: optional('maxRecordDepth', maxRecordDepth, LARGEST_RECORD_DEPTH)
  }
  return { client: clientOf(options), channelName, type, encoding, limits }
}

/** Where the brokers are, and how to talk to them. */
export type ConnectionOptions = Pick<KafkaChannelOptions<unknown>, 'location' | 'clientId' | 'channelConfig'>

/** @throws TypeError, ConfigurationError */
export function checkConnection({ location, clientId, channelConfig }: ConnectionOptions): void {
  if (typeof location !== 'string' || location === '') {
    throw new TypeError("location must name the brokers, as 'host:port', or be 'embedded:'")
  }
  refuseUnlikeText('location', location)
  if (location !== EMBEDDED && !location.split(',').every(isBroker)) {
    throw new ConfigurationError(
      'location',
      `location must be 'host:port', several of them with commas between, or '${EMBEDDED}', not '${location}'`
    )
  }
  if (clientId !== undefined && (typeof clientId !== 'string' || clientId === '')) {
    throw new TypeError('clientId must be a text that is not empty')
  }
  if (clientId !== undefined) {
    refuseUnlikeText('clientId', clientId)
    refuseLongText('clientId', clientId, LONGEST_CLIENT_ID)
  }
  if (channelConfig !== undefined) refuseUnlikeSettings('channelConfig', channelConfig)
}

/** Of checked options: `embedded:` starts a broker. */
export function clientOf({ location, clientId, channelConfig }: ConnectionOptions): ClientOptions {
  return { bootstrapServers: location === EMBEDDED ? embeddedServers() : location, clientId, settings: channelConfig }
}

/** @throws TypeError, ConfigurationError */
export function checkChannelName(channelName: string): void {
  if (channelName === undefined) throw new TypeError('channelName must be given')
  if (typeof channelName !== 'string') throw new TypeError('channelName must be a text')
  const isName = TOPIC_NAME.test(channelName) && channelName !== '.' && channelName !== '..'
  if (!isName || channelName.length > LONGEST_CHANNEL_NAME) {
    throw new ConfigurationError(
      'channelName',
      `channelName '${channelName.slice(0, 300)}' cannot be a channel's name: 1 to ${LONGEST_CHANNEL_NAME} letters, digits, ` +
        `'.', '_' or '-', since the name of its status topic has '${LONGEST_SUFFIX}' behind it and Kafka takes ${LONGEST_TOPIC_NAME}`
    )
  }
}

function optional(name: string, value: number | undefined, high: number): number | undefined {
  return value === undefined ? undefined : wholeNumber(name, value, 1, 1, high)
}

/** @throws ConfigurationError for an option that nobody reads: it would have been misspelt without a word */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find(key => !known.includes(key))
  if (unknown === undefined) return
  const alike = nearest(unknown, known).map(name => `'${name}'`)
  const hint = alike.length > 0 ? `: did you mean ${alike.join(' or ')}? It` : ': it'
  throw new ConfigurationError(unknown, `${what} has no option '${unknown}'${hint} has ${known.join(', ')}`)
}

/** The names of what both ends of a channel are opened with. */
export const commonOptions = [
  'location',
  'channelName',
  'schema',
  'encoding',
  'channelConfig',
  'clientId',
  'maxRecordDepth',
  'maxRecordValues',
  'timeoutMs',
  'signal'
] as const

/** @returns `value`, or the default when it is not given @throws RangeError when it is no whole number in range */
export function wholeNumber(
  name: string,
  value: number | undefined,
  fallback: number,
  low: number,
  high: number
): number {
  const number = value ?? fallback
  if (!Number.isInteger(number) || number < low || number > high) {
    throw new RangeError(`${name} must be a whole number from ${low} to ${high}, not ${inspect(number)}`)
  }
  return number
}

/** @returns `value`, or the first of those that it may be when it is not given @throws ConfigurationError for any other */
export function oneOf<Value extends string>(
  name: string,
  value: Value | undefined,
  values: readonly [Value, ...Value[]]
): Value {
  const chosen = value === undefined ? values[0] : value
  if (values.includes(chosen)) return chosen
  throw new ConfigurationError(name, `${name} must be '${values.join("' or '")}', not ${inspect(chosen)}`)
}
