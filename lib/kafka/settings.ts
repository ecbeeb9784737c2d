/** The user's Kafka settings, checked: which are ours alone, what librdkafka says of each, and of all together. */
import { inspect } from 'node:util'
import { ConfigurationError } from '../errors.js'
import { native } from '../native/index.js'
import { missingFeature } from './build-features.js'
import { type ClientRole, knownSettings, namedIn, nearest } from './known-settings.js'
import { refuseUnlikeSettings } from './settings-object.js'
import { refuseUnlikeNumber, refuseUnlikeValue } from './setting-value.js'

/**
 * Kafka's dotted settings, untouched: `{ 'linger.ms': 20, 'security.protocol': 'sasl_ssl' }`. What a user gives is called
 * `settings`, what librdkafka gets, a client's effective configuration, `config`.
 */
export type KafkaSettings = Readonly<Record<string, string | number | boolean>>

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
  'group.protocol': 'partitions are assigned by index, and no reader joins a group',
  'group.protocol.type': 'partitions are assigned by index, and no reader joins a group',
  offset_commit_cb: 'commits are answered by promises',
  'topic.blacklist':
    'a client knows no topics but those of its channels, and would wait in vain for one that is hidden',
  'transactional.id': 'its writers know no transactions',
  rebalance_cb: 'partitions are assigned by index, nothing is ever rebalanced'
}

/** Why a setting is not the user's, if it is not. */
function reasonAgainst(key: string): string | undefined {
  if (key.startsWith('test.mock.')) return "for a broker inside this process use location 'embedded:'"
  return Object.hasOwn(owned, key) ? owned[key] : undefined
}

/**
 * @param role - the kind of client they are for; undefined for one that takes all
 * @throws ConfigurationError that names the first setting that is unknown, owned, of the other role, or impossible
 */
export function checked(settings: KafkaSettings = {}, role?: ClientRole): KafkaSettings {
  refuseUnlikeSettings('channelConfig', settings)
  const result: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(settings)) {
    // One that ends with a zero byte is another key here, and the same to librdkafka.
    if (!/^[\w.-]+$/.test(key)) throw unknown(key)
    const reason = reasonAgainst(key)
    if (reason !== undefined) throw new ConfigurationError(key, `'${key}' is set by millrace alone: ${reason}`)
    refuseUnlikeValue(key, value)
    // Ours goes in front of the user's, in common().
    if (key === 'plugin.library.paths') continue
    const { problem, isKnown } = native().addon.checkSetting(key, String(value))
    if (!isKnown) throw unknown(key)
    const known = knownSettings().get(key)
    refuseUnlikeNumber(key, value, known)
    if (problem !== '') {
      refuseMissingFeature({ [key]: value })
      const values = known?.values ? ` (possible: ${known.values})` : ''
      throw new ConfigurationError(key, `channelConfig['${key}'] = '${shown(key, value)}': ${problem.trim()}${values}`)
    }
    if (role && known?.role && known.role !== role) {
      const [end, other] = role === 'consumer' ? ['reader', 'writer'] : ['writer', 'reader']
      throw new ConfigurationError(
        key,
        `'${key}' is a setting of a ${other}, and this is a ${end}: give it to the ${other}`
      )
    }
    result[key] = value
  }
  refuseMissingFeature(result)
  return result
}

function refuseMissingFeature(settings: KafkaSettings): void {
  const missing = missingFeature(settings, native().rdkafka.features)
  if (missing) throw new ConfigurationError(missing.setting, missing.message)
}

function unknown(key: string): ConfigurationError {
  const alike = nearest(key, knownSettings().keys()).map(name => `'${name}'`)
  const hint = alike.length > 0 ? `: did you mean ${alike.join(' or ')}?` : ''
  return new ConfigurationError(key, `librdkafka has no setting ${inspect(key)} (in channelConfig)${hint}`)
}

/** Whether a setting's value is for nobody else to see. */
export function isSecret(key: string): boolean {
  return /passw|passphrase|secret|key\.pem|oauthbearer\.config|jaas/.test(key)
}

function shown(key: string, value: unknown): string {
  // A token may have been put in a neighbouring setting.
  if (isSecret(key) || key.includes('oauthbearer')) return '***'
  const text = String(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/**
 * librdkafka has settings of clients and settings of topics, and node-rdkafka replaces all of the latter by the second
 * object that it is given: those in the first are lost without a word.
 */
export function splitConfig(config: KafkaSettings): { client: KafkaSettings; topic: KafkaSettings } {
  const isOfTopic = ([key, value]: [string, unknown]): boolean => {
    return native().addon.checkSetting(key, String(value)).isOfTopic
  }
  const entries = Object.entries(config)
  return {
    client: Object.fromEntries(entries.filter(entry => !isOfTopic(entry))),
    topic: Object.fromEntries(entries.filter(isOfTopic))
  }
}

/**
 * What librdkafka refuses only when a client starts: files that it cannot read, settings that do not fit together.
 * Without this such a client is refused by librdkafka in a way that ends the process (see src/settings.h).
 *
 * @throws ConfigurationError with librdkafka's reason
 */
export function checkStart(type: ClientRole, config: KafkaSettings): void {
  // Neither our plugin nor a connection: this client only starts.
  const { 'plugin.library.paths': _plugins, 'bootstrap.servers': _servers, ...settings } = config
  const keysAndValues = Object.entries(settings).flatMap(([key, value]) => [key, String(value)])
  const problem = native().addon.startProblem(type === 'producer', keysAndValues)
  if (problem === '') return
  // The first that is named is what is wrong, the second what it is wrong for: perhaps a default of ours.
  const named = namedIn(problem, Object.keys(settings))
  const values = named.map(key => `'${key}' is ${shown(key, settings[key])}`)
  throw new ConfigurationError(
    named[0] ?? 'channelConfig',
    `librdkafka starts no ${type} with this channelConfig: ${problem}${values.length > 0 ? ` (${values.join(', ')})` : ''}`
  )
}
