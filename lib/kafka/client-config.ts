/**
 * The effective configuration of a client: the user's Kafka settings, checked, with what this library owns and its
 * defaults. Clients are shared by it.
 */
import { createHash } from 'node:crypto'
import { ConfigurationError } from '../errors.js'
import { addonPath, findEmbeddedCluster, native } from '../native/index.js'

/** Kafka's dotted settings, untouched: `{ 'linger.ms': 20, 'security.protocol': 'sasl_ssl' }`. */
export type KafkaSettings = Readonly<Record<string, string | number | boolean>>

/** A client's effective configuration, as librdkafka gets it. */
export type EffectiveConfig = Readonly<Record<string, string | number | boolean>>

/** Settings that only this library sets, and why. */
const owned: Readonly<Record<string, string>> = {
  'allow.auto.create.topics': 'waiting for a topic must never create it: the principal reader does',
  'auto.offset.reset': 'a lost offset is an error here, never a silent jump',
  'bootstrap.servers': 'use location',
  'metadata.broker.list': 'use location',
  'client.id': 'use clientId',
  'delivery.report.only.error': 'acknowledgements are counted natively',
  dr_cb: 'acknowledgements are counted natively',
  dr_msg_cb: 'acknowledgements are counted natively',
  'enable.auto.commit': 'a reader commits by commit() or batch.done() only',
  'enable.auto.offset.store': 'a reader commits by commit() or batch.done() only',
  'enable.partition.eof': 'it moves the position past the end of the log',
  event_cb: 'events are served by the library',
  'group.id': 'it is made from the group and the channel: use group',
  offset_commit_cb: 'commits are answered by promises',
  rebalance_cb: 'partitions are assigned by index, nothing is ever rebalanced'
}

const readerDefaults: EffectiveConfig = {
  'auto.offset.reset': 'error',
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'enable.partition.eof': false,
  'isolation.level': 'read_committed',
  // A broker answers one connection's requests in turn: an idle fetch holds up a question about offsets by this long.
  'fetch.wait.max.ms': 100
}

/** The embedded broker does not end an idle fetch when records come, so idle ones must be short there. */
const embeddedDefaults: EffectiveConfig = { 'fetch.wait.max.ms': 10 }

const writerDefaults: EffectiveConfig = {
  'enable.idempotence': true,
  acks: 'all',
  'delivery.report.only.error': true,
  // Bounded by bytes for each writer, by us; a count of records would stop one writer because of another.
  'queue.buffering.max.messages': 0,
  'message.max.bytes': 1_000_000
}

/** Up to so many partitions a short linger fills requests well enough. */
const FEW_PARTITIONS = 100

const fewPartitions: EffectiveConfig = { 'linger.ms': 5, 'batch.size': 1_000_000 }

/**
 * A request carries one partition, so with many of them it takes longer to fill one. And a batch stays smaller than
 * what a member of a large group fetches of its partition at a time (see prefetch.ts).
 */
const manyPartitions: EffectiveConfig = { 'linger.ms': 50, 'batch.size': 60_000 }

/** What a channel end says about its clients. */
export interface ClientOptions {
  /** Bootstrap servers: `host:port,host:port`. */
  readonly bootstrapServers: string
  /** Kafka's `client.id`; by default `millrace`. */
  readonly clientId?: string | undefined
  readonly settings?: KafkaSettings | undefined
}

export function consumerConfig(options: ClientOptions, groupId: string, prefetch: EffectiveConfig): EffectiveConfig {
  return {
    ...common(options),
    ...readerDefaults,
    ...(findEmbeddedCluster(options.bootstrapServers) ? embeddedDefaults : {}),
    ...prefetch,
    ...checked(options.settings),
    'group.id': groupId
  }
}

/** @param partitionCount - of the topic; a client serves topics of few partitions, or of many */
export function producerConfig(options: ClientOptions, partitionCount: number): EffectiveConfig {
  const batching = partitionCount > FEW_PARTITIONS ? manyPartitions : fewPartitions
  return { ...common(options), ...writerDefaults, ...batching, ...checked(options.settings) }
}

/** For what is neither: creating and deleting topics. Takes all of the user's settings that are of clients. */
export function adminConfig(options: ClientOptions): EffectiveConfig {
  const { 'plugin.library.paths': _, ...settings }: Record<string, string | number | boolean> = {
    ...common(options),
    ...checked(options.settings)
  }
  // What would make it a producer with an identity of its own.
  delete settings['enable.idempotence']
  delete settings['transactional.id']
  return splitConfig(settings).client
}

function common({ bootstrapServers, clientId = 'millrace', settings }: ClientOptions): EffectiveConfig {
  const userPlugins = settings?.['plugin.library.paths']
  return {
    'bootstrap.servers': bootstrapServers,
    'client.id': clientId,
    'allow.auto.create.topics': false,
    'plugin.library.paths': userPlugins ? `${addonPath};${userPlugins}` : addonPath
  }
}

/** @throws ConfigurationError that names the first setting that is unknown, owned, or has an impossible value */
export function checked(settings: KafkaSettings = {}): EffectiveConfig {
  if (typeof settings !== 'object' || settings === null) throw new TypeError('channelConfig must be an object')
  const result: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(settings)) {
    const reason = Object.hasOwn(owned, key) ? owned[key] : undefined
    if (reason !== undefined) throw new ConfigurationError(key, `'${key}' is set by millrace alone: ${reason}`)
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new ConfigurationError(
        key,
        `'${key}' in channelConfig must be a text, a number or a boolean, not ${typeof value}`
      )
    }
    // Ours goes in front of the user's, in common().
    if (key === 'plugin.library.paths') continue
    const { problem } = native().addon.checkSetting(key, String(value))
    if (problem !== '')
      throw new ConfigurationError(key, `channelConfig['${key}'] = '${shown(key, value)}': ${problem}`)
    result[key] = value
  }
  return result
}

function shown(key: string, value: unknown): string {
  return /passw|secret|key\.pem|oauthbearer|jaas/.test(key) ? '***' : String(value)
}

/**
 * librdkafka has settings of clients and settings of topics, and node-rdkafka replaces all of the latter by the second
 * object that it is given: those in the first are lost without a word.
 */
export function splitConfig(config: EffectiveConfig): { client: EffectiveConfig; topic: EffectiveConfig } {
  const isOfTopic = ([key, value]: [string, unknown]): boolean => {
    return native().addon.checkSetting(key, String(value)).isOfTopic
  }
  const entries = Object.entries(config)
  return {
    client: Object.fromEntries(entries.filter(entry => !isOfTopic(entry))),
    topic: Object.fromEntries(entries.filter(isOfTopic))
  }
}

/** Equal for equal configurations, whatever their order; holds no secret in clear. */
export function shareKey(config: EffectiveConfig): string {
  const entries = Object.entries(config).map(([key, value]) => [key, String(value)] as const)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}
