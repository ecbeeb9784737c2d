import { expect } from 'chai'
import { ConfigurationError } from 'millrace'
import {
  adminConfig,
  type ClientOptions,
  consumerConfig,
  maxRecordBytes,
  producerConfig,
  shareKey
} from '../../lib/kafka/client-config.js'
import { type KafkaSettings, splitConfig } from '../../lib/kafka/settings.js'
import { addonPath, registerEmbeddedCluster } from '../../lib/native/index.js'

const bootstrapServers = 'broker.invalid:9092'
const options = (settings?: KafkaSettings): ClientOptions => ({ bootstrapServers, settings })

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

  it('asks the embedded broker for no more than it can do: idle fetches that end, and requests in order', () => {
    const real = consumerConfig(options(), 'g', {})
    const forget = registerEmbeddedCluster(bootstrapServers, { createTopic: () => 0, deleteTopic: () => 0 })
    try {
      const embedded = consumerConfig(options(), 'g', {})
      expect(embedded['fetch.wait.max.ms']).to.be.lessThan(real['fetch.wait.max.ms'] as number)
      expect(producerConfig(options(), 1)).to.include({ 'max.in.flight.requests.per.connection': 1 })
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

  it('lets metadata not grow so old that librdkafka overflows, and knows no topic any more', () => {
    const interval = 'topic.metadata.refresh.interval.ms'
    const age = 'metadata.max.age.ms'
    expect(producerConfig(options({ [interval]: 3_600_000 }), 1)).to.include({ [age]: 2_147_000 })
    expect(producerConfig(options({ [interval]: 3_600_000, [age]: 5000 }), 1)).to.include({ [age]: 5000 })
    expect(producerConfig(options({ [interval]: 600_000 }), 1)).to.not.have.property(age)
    expect(() => consumerConfig(options({ [age]: 86_400_000 }), 'g', {})).to.throw(ConfigurationError, age)
  })

  it('C18: tries to connect again at least each second, unless the user wants longer pauses', () => {
    const [first, longest] = ['reconnect.backoff.ms', 'reconnect.backoff.max.ms'] as const
    for (const config of [producerConfig(options(), 1), consumerConfig(options(), 'g', {}), adminConfig(options())]) {
      expect(config).to.include({ [longest]: 1000 })
    }
    expect(producerConfig(options({ [longest]: 20_000 }), 1)).to.include({ [longest]: 20_000 })
    // With librdkafka's own default for the longest, which must not be less than the first.
    expect(producerConfig(options({ [first]: 5000 }), 1)).to.not.have.property(longest)
  })

  it('refuses acks 0, with which nothing would be known of a record', () => {
    for (const key of ['acks', 'request.required.acks']) {
      for (const value of [0, '0', -0]) {
        expect(() => producerConfig(options({ [key]: value, 'enable.idempotence': false }), 1))
          .to.throw(ConfigurationError)
          .with.property('setting', key)
      }
    }
  })

  it('makes nothing that librdkafka does not take', () => {
    const { 'plugin.library.paths': plugin, ...config } = producerConfig(options(), 1)
    const { client, topic } = splitConfig(config)
    expect({ ...client, ...topic }).to.deep.equal(config)
    expect(plugin).to.equal(addonPath)
  })
})

describe('maxRecordBytes', () => {
  const most = (settings: KafkaSettings): number => maxRecordBytes(producerConfig(options(settings), 1))

  it('leaves room in message.max.bytes for what librdkafka adds to a record', () => {
    expect(most({ 'message.max.bytes': 100_000 })).to.equal(100_000 - 36)
  })

  it('is no more than the queue takes, in which a larger record would wait for ever', () => {
    expect(most({ 'queue.buffering.max.kbytes': 10 })).to.equal(10 * 1024)
    expect(most({ 'queue.buffering.max.kbytes': '10' })).to.equal(10 * 1024)
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
      'sasl.mechanism': 'PLAIN',
      'sasl.username': 'me',
      'ssl.ca.location': '/ca.pem',
      'enable.ssl.certificate.verification': false,
      'client.dns.lookup': 'use_all_dns_ips'
    }
    const config = adminConfig(options({ ...security, 'enable.idempotence': true, 'message.timeout.ms': 1000 }))
    expect(config).to.include({ ...security, 'bootstrap.servers': bootstrapServers })
    expect(config).to.not.have.any.keys('enable.idempotence', 'message.timeout.ms', 'plugin.library.paths')
  })

  it('refuses what cannot be', () => {
    expect(() => adminConfig(options({ 'foo.bar': 1 }))).to.throw(ConfigurationError)
  })
})

describe('shareKey', () => {
  it('C58: is the same whatever the order, and for a text that says the same as a number', () => {
    const key = shareKey({ 'linger.ms': 5, acks: 'all', 'enable.idempotence': true })
    expect(shareKey({ 'enable.idempotence': 'true', acks: 'all', 'linger.ms': '5' })).to.equal(key)
  })

  it('C58: is another one for another key or value, and wherever the border between them is', () => {
    const keys = [{ a: 'b' }, { a: 'c' }, { b: 'a' }, { ab: '' }, { a: 'b', c: 'd' }, { a: 'b","c":"d' }, {}]
    expect(new Set(keys.map(shareKey)).size).to.equal(keys.length)
  })

  it('shows no secret', () => {
    expect(shareKey({ 'sasl.password': 'hunter2' })).to.match(/^[0-9a-f]{64}$/)
  })
})
