/** Whether this build of librdkafka can do what settings ask for: it is compiled with what it found on the machine. */
import type { KafkaSettings } from './settings.js'

const MECHANISMS: Readonly<Record<string, string>> = {
  GSSAPI: 'sasl_gssapi',
  PLAIN: 'sasl_plain',
  'SCRAM-SHA-256': 'sasl_scram',
  'SCRAM-SHA-512': 'sasl_scram',
  OAUTHBEARER: 'sasl_oauthbearer'
}

/** The Debian package with the headers that a feature is compiled with. */
export const HEADERS: Readonly<Record<string, string>> = {
  gzip: 'zlib1g-dev',
  oidc: 'libcurl4-openssl-dev',
  sasl_gssapi: 'libsasl2-dev',
  sasl_oauthbearer: 'libssl-dev',
  sasl_scram: 'libssl-dev',
  ssl: 'libssl-dev',
  zstd: 'libzstd-dev'
}

/** What to do for a feature that is not there; empty where nothing that is known helps. */
export function featureCure(feature: string): string {
  const headers = HEADERS[feature]
  return headers ? `install what it is compiled with (Debian: ${headers}), then npm rebuild node-rdkafka` : ''
}

/** A feature that is asked for and not there. */
export interface MissingFeature {
  readonly setting: string
  readonly message: string
}

/** @param features - of the build, as node-rdkafka names them */
export function missingFeature(config: KafkaSettings, features: readonly string[]): MissingFeature | undefined {
  const text = (key: string): string => String(config[key] ?? '').toLowerCase()
  const needed: [setting: string, feature: string][] = []
  for (const key of ['compression.codec', 'compression.type']) {
    if (!['', 'none', 'inherit'].includes(text(key))) needed.push([key, text(key)])
  }
  const protocol = text('security.protocol')
  if (protocol === 'ssl' || protocol === 'sasl_ssl') needed.push(['security.protocol', 'ssl'])
  if (protocol === 'sasl_plaintext' || protocol === 'sasl_ssl') {
    const key = config['sasl.mechanisms'] === undefined ? 'sasl.mechanism' : 'sasl.mechanisms'
    const mechanism = (text(key) || 'gssapi').toUpperCase()
    needed.push([key, MECHANISMS[mechanism] ?? 'sasl'])
    if (text('sasl.oauthbearer.method') === 'oidc') needed.push(['sasl.oauthbearer.method', 'oidc'])
  }
  const missing = needed.find(([, feature]) => !features.includes(feature))
  if (!missing) return undefined
  const [setting, feature] = missing
  const cure = featureCure(feature)
  const others = 'or choose another value'
  return {
    setting,
    message:
      `'${setting}' needs the feature ${feature}, which this build of librdkafka lacks (it has ${features.join(', ')}): ` +
      (cure ? `${cure}, ${others}` : others)
  }
}
