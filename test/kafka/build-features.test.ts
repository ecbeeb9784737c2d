import { expect } from 'chai'
import { missingFeature } from '../../lib/kafka/build-features.js'
import type { KafkaSettings } from '../../lib/kafka/settings.js'

describe('missingFeature', () => {
  const without = (...missing: readonly string[]): string[] =>
    ['gzip', 'ssl', 'sasl', 'sasl_plain', 'sasl_scram', 'sasl_oauthbearer'].filter(name => !missing.includes(name))

  it('C55: refuses security that the build cannot do, with the feature and how to get it', () => {
    const scram = { 'security.protocol': 'sasl_ssl', 'sasl.mechanism': 'SCRAM-SHA-512' }
    const cases: [KafkaSettings, string, string][] = [
      [{ 'security.protocol': 'ssl' }, 'ssl', 'security.protocol'],
      [scram, 'ssl', 'security.protocol'],
      [scram, 'sasl_scram', 'sasl.mechanism'],
      [{ 'security.protocol': 'SASL_PLAINTEXT' }, 'sasl_gssapi', 'sasl.mechanism'],
      [{ 'security.protocol': 'sasl_plaintext', 'sasl.mechanisms': 'PLAIN' }, 'sasl_plain', 'sasl.mechanisms']
    ]
    for (const [settings, feature, setting] of cases) {
      const missing = missingFeature(settings, without(feature))
      expect(missing?.setting, feature).to.equal(setting)
      expect(missing?.message)
        .to.contain(feature)
        .and.match(/npm rebuild node-rdkafka|another value/)
      if (feature !== 'sasl_gssapi') expect(missingFeature(settings, without())).to.equal(undefined)
    }
  })

  it('C34: refuses a codec that the build cannot do, with those that it has', () => {
    for (const key of ['compression.codec', 'compression.type']) {
      const missing = missingFeature({ [key]: 'zstd' }, without())
      expect(missing?.setting).to.equal(key)
      expect(missing?.message).to.contain('zstd').and.contain('gzip').and.contain('libzstd-dev')
      expect(missingFeature({ [key]: 'gzip' }, without())).to.equal(undefined)
      expect(missingFeature({ [key]: 'none' }, without())).to.equal(undefined)
    }
  })

  it('asks nothing of a plain connection', () => {
    expect(missingFeature({ 'security.protocol': 'plaintext', 'linger.ms': 5 }, [])).to.equal(undefined)
  })
})
