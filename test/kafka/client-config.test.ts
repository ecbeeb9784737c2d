import { expect } from 'chai'
import { ConfigurationError } from 'millrace'
import { consumerConfig, producerConfig, shareKey } from '../../lib/kafka/index.js'
import { splitConfig } from '../../lib/kafka/client-config.js'

const options = { bootstrapServers: 'localhost:9092' }

describe('client configuration', () => {
  it('never commits by itself, never resets an offset, never creates a topic, whatever is asked for', () => {
    const config = consumerConfig(options, 'group', {})
    expect(config).to.include({
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'auto.offset.reset': 'error',
      'allow.auto.create.topics': false,
      'enable.partition.eof': false
    })
    for (const key of Object.keys(config).filter(one => /^(enable|auto|allow|group)/.test(one))) {
      const settings = { [key]: 'anything' }
      expect(() => consumerConfig({ ...options, settings }, 'group', {}), key).to.throw(ConfigurationError, key)
    }
    expect(producerConfig(options, 1)).to.include({ 'allow.auto.create.topics': false, acks: 'all' })
  })

  it('takes settings of the user before its own defaults', () => {
    const config = producerConfig({ ...options, settings: { 'linger.ms': 77 } }, 1000)
    expect(config).to.include({ 'linger.ms': 77 })
  })

  it('refuses what librdkafka does not know or take, and shows no secret', () => {
    const refused = (settings: Record<string, string>): Error => {
      try {
        producerConfig({ ...options, settings }, 1)
      } catch (error) {
        return error as Error
      }
      throw new Error('accepted')
    }
    expect(refused({ 'lingr.ms': '1' }).message).to.contain('lingr.ms')
    expect(refused({ 'linger.ms': 'long' }).message).to.contain('linger.ms')
    expect(refused({ 'sasl.password.nope': 'geheim' }).message).not.to.contain('geheim')
  })

  it('keeps a plugin of the user beside its own', () => {
    const config = producerConfig({ ...options, settings: { 'plugin.library.paths': '/my/plugin' } }, 1)
    expect(config['plugin.library.paths']).to.match(/millrace\.node;\/my\/plugin$/)
  })

  it('gives settings of topics to where node-rdkafka does not drop them', () => {
    const { client, topic } = splitConfig(producerConfig({ ...options, settings: { 'message.timeout.ms': 1000 } }, 1))
    expect(topic).to.include({ acks: 'all', 'message.timeout.ms': 1000 })
    expect(client).to.include({ 'enable.idempotence': true }).and.not.have.any.keys('acks', 'message.timeout.ms')
  })

  it('has the same key for the same values in any order, another for another value, and no secret in it', () => {
    const one = shareKey({ a: 1, 'sasl.password': 'geheim' })
    expect(one).to.equal(shareKey({ 'sasl.password': 'geheim', a: 1 }))
    expect(one).not.to.equal(shareKey({ a: 2, 'sasl.password': 'geheim' }))
    expect(one).not.to.equal(shareKey({ a: 1, 'sasl.password': 'other' }))
    expect(one).not.to.contain('geheim')
  })
})
