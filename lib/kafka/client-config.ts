/**
 * The effective configuration of a client: the user's Kafka settings, checked, with what this library owns and its
 * defaults. Clients are shared by it.
 */
import { createHash } from 'node:crypto'
import { ConfigurationError } from '../errors.js'
import { addonPath, findEmbeddedCluster } from '../native/index.js'
import { knownSettings } from './known-settings.js'
import { checked, type KafkaSettings, splitConfig } from './settings.js'

const readerDefaults: KafkaSettings = {
  'auto.offset.reset': 'error',
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'enable.partition.eof': false,
  'isolation.level': 'read_committed',
  // No member of a Kafka group ever has a session; what this bounds is how long a client that is closed still waits
  // for a coordinator that is away, with the commits it could not send.
  'session.timeout.ms': 1000,
  'heartbeat.interval.ms': 300,
  // A broker answers one connection's requests in turn: an idle fetch holds up a question about offsets by this long.
  'fetch.wait.max.ms': 100
}

/** The embedded broker does not end an idle fetch when records come, so idle ones must be short there. */
const embeddedReaderDefaults: KafkaSettings = { 'fetch.wait.max.ms': 10 }

const writerDefaults: KafkaSettings = {
  'enable.idempotence': true,
  acks: 'all',
  'delivery.report.only.error': true,
  // Bounded by bytes for each writer, by us; a count of records would stop one writer because of another.
  'queue.buffering.max.messages': 0,
  'message.max.bytes': 1_000_000
}

/**
 * The embedded broker checks no sequence numbers but those of transactions, so it takes a request though the one before
 * it was refused. No Kafka does that; librdkafka concludes that the refused one is in the log as well, and acknowledges
 * records that are nowhere. With one request at a time there is none behind a refused one.
 */
const embeddedWriterDefaults: KafkaSettings = { 'max.in.flight.requests.per.connection': 1 }

/** Up to so many partitions a short linger fills requests well enough. */
const FEW_PARTITIONS = 100

const fewPartitions: KafkaSettings = { 'linger.ms': 5, 'batch.size': 1_000_000 }

/**
 * A request carries one partition, so with many of them it takes longer to fill one. And a batch stays smaller than
 * what a member of a large group fetches of its partition at a time (see prefetch.ts).
 */
const manyPartitions: KafkaSettings = { 'linger.ms': 50, 'batch.size': 60_000 }

/** What a channel end says about its clients. */
export interface ClientOptions {
  /** Bootstrap servers: `host:port,host:port`. */
  readonly bootstrapServers: string
  /** Kafka's `client.id`; by default `millrace`. */
  readonly clientId?: string | undefined
  readonly settings?: KafkaSettings | undefined
}

export function consumerConfig(options: ClientOptions, groupId: string, prefetch: KafkaSettings): KafkaSettings {
  const settings = checked(options.settings, 'consumer')
  return {
    ...common(options),
    ...readerDefaults,
    ...(findEmbeddedCluster(options.bootstrapServers) ? embeddedReaderDefaults : {}),
    ...prefetch,
    ...settings,
    'group.id': groupId
  }
}

/** @param partitionCount - of the topic; a client serves topics of few partitions, or of many */
export function producerConfig(options: ClientOptions, partitionCount: number): KafkaSettings {
  const batching = partitionCount > FEW_PARTITIONS ? manyPartitions : fewPartitions
  const settings = checked(options.settings, 'producer')
  for (const key of ['acks', 'request.required.acks']) {
    if (String(settings[key]) !== '0') continue
    throw new ConfigurationError(key, `'${key}' cannot be 0: no broker would acknowledge, and nobody know what is lost`)
  }
  const embedded = findEmbeddedCluster(options.bootstrapServers) ? embeddedWriterDefaults : {}
  return { ...common(options), ...writerDefaults, ...embedded, ...batching, ...settings }
}

/** As Kafka's own clients. */
const LONGEST_RECONNECT_PAUSE_MS = 1000

/**
 * librdkafka's pauses between two attempts to connect grow until a connection has lasted longer than the longest. At its
 * default of 10 s a few outages of 0.2 s in a row get there, and each of the next stops everything for 10 s.
 */
function reconnecting(settings: KafkaSettings = {}): KafkaSettings {
  // librdkafka refuses a longest that is shorter than the first.
  if (Number(settings['reconnect.backoff.ms']) > LONGEST_RECONNECT_PAUSE_MS) return {}
  return { 'reconnect.backoff.max.ms': LONGEST_RECONNECT_PAUSE_MS }
}

/** The same options for a client of the other role as well: without what only consumers or only producers take. */
export function ofBothRoles(options: ClientOptions): ClientOptions {
  const settings = Object.entries(options.settings ?? {}).filter(
    ([key]) => knownSettings().get(key)?.role === undefined
  )
  return { ...options, settings: Object.fromEntries(settings) }
}

/** In librdkafka's own unit, microseconds, a larger one overflows an int: what it knows of topics is then out of date at once. */
const OLDEST_METADATA_MS = 2_147_000

/** librdkafka makes it three times the interval by itself. */
function metadataAge(settings: KafkaSettings = {}): KafkaSettings {
  const [interval, age] = ['topic.metadata.refresh.interval.ms', 'metadata.max.age.ms'].map(key => settings[key])
  if (Number(age) > OLDEST_METADATA_MS) {
    const key = 'metadata.max.age.ms'
    throw new ConfigurationError(key, `'${key}' cannot be ${age}: librdkafka overflows beyond ${OLDEST_METADATA_MS}`)
  }
  return Number(interval) * 3 > OLDEST_METADATA_MS ? { 'metadata.max.age.ms': OLDEST_METADATA_MS } : {}
}

/** What librdkafka counts into a message beside its bytes, at most: `RD_KAFKAP_MESSAGE_V2_MAX_OVERHEAD`. */
const RECORD_FRAME_BYTES = 36

/**
 * The largest record that a producer takes, framing included. Without this check a larger one would fail its writer, or
 * wait for ever for room in a queue that is smaller.
 */
export function maxRecordBytes(config: KafkaSettings): number {
  const queueKilobytes = Number(config['queue.buffering.max.kbytes'] ?? Infinity)
  return Math.min(Number(config['message.max.bytes']) - RECORD_FRAME_BYTES, queueKilobytes * 1024)
}

/** For what is neither: creating and deleting topics. Takes all of the user's settings that are of clients. */
export function adminConfig(options: ClientOptions): KafkaSettings {
  const user = checked(options.settings)
  const { 'plugin.library.paths': _, ...settings }: Record<string, string | number | boolean> = {
    ...common(options),
    ...user
  }
  // What would make it a producer with an identity of its own.
  delete settings['enable.idempotence']
  return splitConfig(settings).client
}

function common({ bootstrapServers, clientId = 'millrace', settings }: ClientOptions): KafkaSettings {
  const userPlugins = settings?.['plugin.library.paths']
  return {
    'bootstrap.servers': bootstrapServers,
    'client.id': clientId,
    'allow.auto.create.topics': false,
    ...reconnecting(settings),
    ...metadataAge(settings),
    'plugin.library.paths': userPlugins ? `${addonPath};${userPlugins}` : addonPath
  }
}

/** Equal for equal configurations, whatever their order; holds no secret in clear. */
export function shareKey(config: KafkaSettings): string {
  const entries = Object.entries(config).map(([key, value]) => [key, String(value)] as const)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}
