import { expect } from 'chai'
import { ConfigurationError } from 'millrace'
import {
  adminConfig,
  checked,
  type ClientOptions,
  consumerConfig,
  type KafkaSettings,
  producerConfig,
  shareKey,
  splitConfig
} from '../../lib/kafka/client-config.js'
import { addonPath, registerEmbeddedCluster } from '../../lib/native/index.js'

const bootstrapServers = 'broker.invalid:9092'
const options = (settings?: KafkaSettings): ClientOptions => ({ bootstrapServers, settings })

function refusal(settings: KafkaSettings): ConfigurationError {
  try {
    checked(settings)
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigurationError).with.property('code', 'ERR_MILLRACE_CONFIGURATION')
    return error as ConfigurationError
  }
  throw new Error('the settings were accepted')
}

describe('checked', () => {
  it('hands the settings on untouched', () => {
    const settings = { 'linger.ms': 20, 'compression.codec': 'lz4', 'enable.idempotence': true }
    expect(checked(settings)).to.deep.equal(settings)
    expect(checked()).to.deep.equal({})
  })

  it('refuses a setting that does not exist, by its name', () => {
    for (const key of ['foo.bar', 'fetch.min.byte', 'bootstrapServers', '']) {
      const error = refusal({ 'linger.ms': 1, [key]: 1 })
      expect(error.setting).to.equal(key)
      expect(error.message).to.contain(`'${key}'`)
    }
  })

  it('refuses a value that cannot be, with the name and the value', () => {
    for (const [key, value] of [
      ['linger.ms', 'soon'],
      ['linger.ms', -1],
      ['compression.codec', 'brotli'],
      ['security.protocol', 'SASL_SLL']
    ] as const) {
      const error = refusal({ [key]: value })
      expect(error.setting).to.equal(key)
      expect(error.message).to.contain(key).and.contain(String(value))
    }
  })

  it('C14: refuses what only the library sets, and says why', () => {
    for (const [key, reason] of [
      ['enable.auto.commit', /commit\(\)/],
      ['enable.auto.offset.store', /commit\(\)/],
      ['auto.offset.reset', /silent jump/],
      ['group.id', /use group/],
      ['bootstrap.servers', /use location/],
      ['metadata.broker.list', /use location/],
      ['allow.auto.create.topics', /principal/],
      ['enable.partition.eof', /position/],
      ['rebalance_cb', /rebalanced/]
    ] as const) {
      const error = refusal({ [key]: 'true' })
      expect(error.setting).to.equal(key)
      expect(error.message).to.match(reason)
    }
  })

  it('refuses a value that is no text, number or boolean, with its name', () => {
    for (const value of [null, undefined, {}, [1], () => 1]) {
      const error = refusal({ 'linger.ms': value as unknown as number })
      expect(error.setting).to.equal('linger.ms')
      expect(error.message).to.contain('must be a text, a number or a boolean')
    }
  })

  it('shows no secret in a refusal', () => {
    const error = refusal({ 'sasl.oauthbearer.method': 'hunter2' })
    expect(error.message).to.contain('sasl.oauthbearer.method').and.not.contain('hunter2')
  })

  it('refuses what is no object as a wrong argument', () => {
    for (const settings of [null, 5, 'linger.ms']) {
      expect(() => checked(settings as unknown as KafkaSettings)).to.throw(TypeError, 'channelConfig')
    }
  })
})

describe('consumerConfig', () => {
  it('reads committed records only, and commits nothing by itself', () => {
    expect(consumerConfig(options(), 'a group', {})).to.include({
      'bootstrap.servers': bootstrapServers,
      'client.id': 'millrace',
      'group.id': 'a group',
      'isolation.level': 'read_committed',
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'auto.offset.reset': 'error',
      'allow.auto.create.topics': false
    })
  })

  it('lets the user override defaults and the prefetch, and name the client', () => {
    const settings = { 'isolation.level': 'read_uncommitted', 'fetch.max.bytes': 5_000_000 }
    const config = consumerConfig({ ...options(settings), clientId: 'me' }, 'g', { 'fetch.max.bytes': 1 })
    expect(config).to.include({ ...settings, 'client.id': 'me' })
  })

  it('refuses what cannot be', () => {
    expect(() => consumerConfig(options({ 'foo.bar': 1 }), 'g', {})).to.throw(ConfigurationError)
  })

  it('waits less for idle fetches of the embedded broker, which does not end them when records come', () => {
    const real = consumerConfig(options(), 'g', {})
    const forget = registerEmbeddedCluster(bootstrapServers, { createTopic: () => 0, deleteTopic: () => 0 })
    try {
      const embedded = consumerConfig(options(), 'g', {})
      expect(embedded['fetch.wait.max.ms']).to.be.lessThan(real['fetch.wait.max.ms'] as number)
    } finally {
      forget()
    }
  })
})

describe('producerConfig', () => {
  it('is idempotent and waits for all in-sync replicas', () => {
    expect(producerConfig(options(), 1)).to.include({
      'bootstrap.servers': bootstrapServers,
      'enable.idempotence': true,
      acks: 'all',
      'allow.auto.create.topics': false
    })
  })

  it('counts no records in the queue that all writers share, and is told of failures only', () => {
    expect(producerConfig(options(), 1)).to.include({
      'queue.buffering.max.messages': 0,
      'delivery.report.only.error': true
    })
  })

  it('batches longer and smaller for many partitions, the same for all of either kind', () => {
    const [few, many] = [producerConfig(options(), 100), producerConfig(options(), 101)] as const
    expect(many['linger.ms']).to.be.greaterThan(few['linger.ms'] as number)
    expect(many['batch.size']).to.be.lessThan(few['batch.size'] as number)
    expect(producerConfig(options(), 1)).to.deep.equal(few)
    expect(producerConfig(options(), 1000)).to.deep.equal(many)
  })

  it('lets the user override its defaults, the batching too', () => {
    const settings = { 'linger.ms': 0, 'message.max.bytes': 2_000_000, acks: 1, 'enable.idempotence': false }
    expect(producerConfig(options(settings), 1000)).to.include(settings)
  })

  it('makes nothing that librdkafka does not take', () => {
    const { 'plugin.library.paths': plugin, ...config } = producerConfig(options(), 1)
    const { client, topic } = splitConfig(config)
    expect({ ...client, ...topic }).to.deep.equal(config)
    expect(plugin).to.equal(addonPath)
  })
})

describe('plugins', () => {
  it('C05: keep those of the user behind our own', () => {
    const config = consumerConfig(options({ 'plugin.library.paths': 'a;b' }), 'g', {})
    expect(config['plugin.library.paths']).to.equal(`${addonPath};a;b`)
  })
})

describe('adminConfig', () => {
  it('takes over all settings of clients, and nothing that makes it a producer or plugs into it', () => {
    const security = {
      'security.protocol': 'sasl_ssl',
      'sasl.username': 'me',
      'ssl.ca.location': '/ca.pem',
      'enable.ssl.certificate.verification': false,
      'client.dns.lookup': 'use_all_dns_ips'
    }
    const config = adminConfig(
      options({ ...security, 'transactional.id': 'me', 'enable.idempotence': true, 'message.timeout.ms': 1000 })
    )
    expect(config).to.include({ ...security, 'bootstrap.servers': bootstrapServers })
    expect(config).to.not.have.any.keys(
      'transactional.id',
      'enable.idempotence',
      'message.timeout.ms',
      'plugin.library.paths'
    )
  })

  it('refuses what cannot be', () => {
    expect(() => adminConfig(options({ 'foo.bar': 1 }))).to.throw(ConfigurationError)
  })
})

describe('splitConfig', () => {
  it('takes the settings of topics apart from those of clients, and loses none', () => {
    const config = { 'linger.ms': 5, acks: 'all', 'auto.offset.reset': 'error', 'group.id': 'g' }
    expect(splitConfig(config)).to.deep.equal({
      client: { 'linger.ms': 5, 'group.id': 'g' },
      topic: { acks: 'all', 'auto.offset.reset': 'error' }
    })
  })
})

describe('shareKey', () => {
  it('is the same whatever the order, and for a text that says the same as a number', () => {
    const key = shareKey({ 'linger.ms': 5, acks: 'all', 'enable.idempotence': true })
    expect(shareKey({ 'enable.idempotence': 'true', acks: 'all', 'linger.ms': '5' })).to.equal(key)
  })

  it('is another one for another key or value, and wherever the border between them is', () => {
    const keys = [{ a: 'b' }, { a: 'c' }, { b: 'a' }, { ab: '' }, { a: 'b', c: 'd' }, { a: 'b","c":"d' }, {}]
    expect(new Set(keys.map(shareKey)).size).to.equal(keys.length)
  })

  it('shows no secret', () => {
    expect(shareKey({ 'sasl.password': 'hunter2' })).to.match(/^[0-9a-f]{64}$/)
  })
})
