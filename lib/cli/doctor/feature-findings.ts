/** What librdkafka was compiled with. None of it is needed to open a channel, unless a setting asks for it. */
import { featureHeaders } from '../../kafka/index.js'
import { rebuildNodeRdkafka } from './build-steps.js'
import type { Facts } from './facts.js'
import type { Finding } from './finding.js'
import { installSteps } from './system-packages.js'

/** What pipelines ask of librdkafka: codecs, TLS and ways to log in. */
const codecs = ['gzip', 'snappy', 'lz4', 'zstd']
const logins = ['sasl_plain', 'sasl_scram', 'sasl_oauthbearer', 'sasl_gssapi', 'oidc']
const wantedFeatures = [...codecs, 'ssl', ...logins]

export function featureFindings(facts: Facts): Finding[] {
  if (!facts.librdkafka) return [unknownFeatures(facts)]
  const { features, version } = facts.librdkafka
  const present = wantedFeatures.filter(feature => features.includes(feature))
  const absent = wantedFeatures.filter(feature => !features.includes(feature))
  const steps = [...installSteps(facts.system.installer, headersOf(absent)), ...rebuildNodeRdkafka(facts)]
  return [
    { ...common, name: 'librdkafka', state: 'ok', detail: `${version}: ${present.join(', ')}`, steps: [] },
    ...absent.map(
      name => ({ ...common, name, state: 'missing', detail: 'for settings that ask for it', steps }) as const
    )
  ]
}

/** Headers are installed before it is compiled, and not after: that takes minutes. */
function unknownFeatures({ building, nodeRdkafka, system }: Facts): Finding {
  const finding = { ...common, name: 'librdkafka', state: 'missing' } as const
  if (nodeRdkafka?.addon.isThere) return { ...finding, detail: 'told when node-rdkafka loads', steps: [] }
  const detail = 'not built; it will do what it then finds headers for. For all of it, first:'
  // What building needs anyway is told there.
  const additional = headersOf(wantedFeatures).filter(name =>
    building.every(({ debianPackage }) => debianPackage !== name)
  )
  return { ...finding, detail, steps: installSteps(system.installer, additional) }
}

const common = { area: 'features', isNeeded: false } as const

function headersOf(features: readonly string[]): string[] {
  return features.flatMap(feature => featureHeaders[feature] ?? [])
}
