import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { ConfigurationError } from 'millrace'
import { consumerConfig, producerConfig } from '../../lib/kafka/client-config.js'
import { knownSettings } from '../../lib/kafka/known-settings.js'
import { checked, checkStart, type KafkaSettings, splitConfig } from '../../lib/kafka/settings.js'
import { native } from '../../lib/native/index.js'
import { fixture } from '../support/fixtures.js'

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

  it('C14: refuses what only the library sets with a zero byte behind it too', () => {
    for (const key of ['enable.auto.commit\0', 'auto.offset.reset\0x', ' acks']) {
      expect(refusal({ [key]: 'true' }).message).to.contain('no setting')
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
      ['rebalance_cb', /rebalanced/],
      ['group.protocol', /no reader joins/],
      ['group.protocol.type', /no reader joins/],
      ['topic.blacklist', /hidden/]
    ] as const) {
      const error = refusal({ [key]: 'true' })
      expect(error.setting).to.equal(key)
      expect(error.message).to.match(reason)
    }
  })

  it('refuses what would make a writer transactional or a client a mock cluster', () => {
    for (const key of ['transactional.id', 'test.mock.num.brokers', 'test.mock.broker.rtt']) {
      expect(refusal({ [key]: 1 }).setting).to.equal(key)
    }
  })

  it('refuses numbers that are none to librdkafka', () => {
    for (const value of [NaN, Infinity, -Infinity, 1e21, 1e-7, 1.5, '5ms', '010', '1.5', '1e3', '+5', ' 5', '-0']) {
      const error = refusal({ 'batch.size': value })
      expect(error.setting).to.equal('batch.size')
      expect(error.message).to.contain(String(value))
    }
  })

  it('refuses a number out of the range that librdkafka prints, and does not let it wrap at 32 bits', () => {
    for (const [key, value] of [
      ['message.timeout.ms', 2 ** 32 + 100],
      ['message.timeout.ms', '9999999999'],
      ['message.timeout.ms', 2 ** 31],
      ['fetch.min.bytes', 2 ** 32 + 1],
      ['fetch.min.bytes', '18446744073709551617'],
      ['topic.metadata.refresh.interval.ms', -(2 ** 32)],
      ['acks', 2 ** 32 - 1],
      ['linger.ms', 900_000.5]
    ] as const) {
      const error = refusal({ [key]: value })
      expect(error.setting).to.equal(key)
      expect(error.message)
        .to.match(/must be from -?\d+ to \d+/)
        .and.contain(String(value))
    }
  })

  it('takes both ends of each range, and nothing beyond', () => {
    let ranges = 0
    for (const { name, values } of knownSettings().values()) {
      const [lowest, highest] = (/^(-?\d+) \.\. (-?\d+)$/.exec(values) ?? []).slice(1).map(Number)
      if (lowest === undefined || highest === undefined) continue
      if (native().addon.checkSetting(name, String(lowest)).problem.includes('not supported in this build')) continue
      ranges++
      for (const value of [lowest, highest]) expect(checked({ [name]: value })).to.deep.equal({ [name]: value })
      for (const beyond of [lowest - 1, highest + 1, lowest - 2 ** 32, highest + 2 ** 32, lowest + 2 ** 32]) {
        expect(refusal({ [name]: beyond }).setting, `${name} ${beyond}`).to.equal(name)
      }
    }
    expect(ranges).to.be.above(60)
  })

  it('refuses what is no number where librdkafka has one', () => {
    for (const value of ['nan', 'NAN', 'inf', '-inf', 'infinity', 'nan(1)', '', true]) {
      for (const key of ['linger.ms', 'queue.buffering.max.ms', 'batch.size'])
        expect(refusal({ [key]: value }).setting, `${key} ${value}`).to.equal(key)
    }
    expect(checked({ acks: 'all' })).to.deep.equal({ acks: 'all' })
  })

  it('refuses a value that is no text, number or boolean, with its name', () => {
    for (const value of [null, undefined, {}, [1], () => 1]) {
      const error = refusal({ 'linger.ms': value as unknown as number })
      expect(error.setting).to.equal('linger.ms')
      expect(error.message).to.contain('must be a text, a number or a boolean')
    }
  })

  it('refuses texts that librdkafka would cut off or change, and does not show them', () => {
    for (const key of ['client.rack', 'sasl.password', 'plugin.library.paths', 'linger.ms', 'debug']) {
      for (const value of ['secret\0x', 'secret\ud800', '\udc00\ud800']) {
        const error = refusal({ [key]: value })
        expect(error.setting).to.equal(key)
        expect(error.message)
          .to.match(/^\S+ has (a zero character|half of a surrogate pair)/)
          .and.not.contain('secret')
      }
    }
    expect(checked({ 'client.rack': 'größe-\u{1f682}' })).to.deep.equal({ 'client.rack': 'größe-\u{1f682}' })
  })

  it('takes a fraction where librdkafka does', () => {
    expect(checked({ 'linger.ms': 0.5 })).to.deep.equal({ 'linger.ms': 0.5 })
    for (const value of [NaN, 1e-7, '0.5ms', '.5', 'soon'])
      expect(refusal({ 'linger.ms': value }).setting).to.equal('linger.ms')
  })

  it('shows no value of a setting that does not exist: it may be a secret with a misspelt name', () => {
    expect(refusal({ 'sasl.pasword': 'hunter2' }).message).to.not.contain('hunter2')
  })

  it('shows no secret in a refusal', () => {
    const error = refusal({ 'sasl.oauthbearer.method': 'hunter2' })
    expect(error.message).to.contain('sasl.oauthbearer.method').and.not.contain('hunter2')
  })

  it('keeps a refusal short, however long the value is', () => {
    for (const key of ['linger.ms', 'security.protocol', 'batch.size']) {
      expect(refusal({ [key]: '7'.repeat(10_000) }).message.length, key).to.be.below(1000)
    }
    const pem = `-----BEGIN CERTIFICATE-----${'x'.repeat(10_000)}`
    expect(() => checkStart('producer', { 'security.protocol': 'ssl', 'ssl.certificate.pem': pem }))
      .to.throw(ConfigurationError)
      .with.property('message')
      .that.satisfies((message: string) => message.length < 1000)
  })

  it('refuses what is no object as a wrong argument', () => {
    for (const settings of [null, 5, 'linger.ms', [], ['linger.ms'], new Map([['linger.ms', 5]])]) {
      expect(() => checked(settings as unknown as KafkaSettings)).to.throw(TypeError, 'channelConfig')
    }
  })
})

describe('settings that an object hides', () => {
  class Getter {
    get 'linger.ms'(): number {
      return 5
    }
  }
  class Fields {
    'linger.ms' = 5
    describe(): string {
      return 'fields'
    }
  }

  it('refuses what would be passed over, by its name', () => {
    for (const settings of [
      new Getter(),
      new (class extends Getter {})(),
      Object.create({ 'linger.ms': 5 }),
      Object.create(Object.assign(Object.create(null) as object, { 'linger.ms': 5 })),
      Object.defineProperty({}, 'linger.ms', { value: 5 })
    ]) {
      expect(refusal(settings as unknown as KafkaSettings).setting).to.equal('linger.ms')
    }
  })

  it('takes fields of its own, whatever they are of', () => {
    const { 'linger.ms': lingerMs, ...others } = checked(new Fields() as unknown as KafkaSettings)
    expect([lingerMs, others]).to.deep.equal([5, {}])
    const elsewhere = runInNewContext(`({ 'linger.ms': 5 })`) as KafkaSettings
    const getter = {
      get 'linger.ms'() {
        return 5
      }
    }
    for (const settings of [Object.assign(Object.create(null) as object, { 'linger.ms': 5 }), elsewhere, getter]) {
      expect(checked(settings as KafkaSettings)).to.deep.equal({ 'linger.ms': 5 })
    }
  })
})

interface ConfigCase {
  readonly id: string
  readonly role: 'reader' | 'writer'
  readonly config: KafkaSettings
  readonly outcome: string
  readonly names: readonly string[]
}

describe('configuration cases', () => {
  const make = ({ role, config }: ConfigCase): unknown => {
    const { 'client.id': clientId, ...settings } = config
    const options = { bootstrapServers: 'broker.invalid:9092', clientId: clientId as string | undefined, settings }
    return role === 'reader' ? consumerConfig(options, 'g', {}) : producerConfig(options, 1)
  }
  // That of a plugin is refused where it is loaded: see the opening suite. client.id is an option here: clientId.
  for (const one of fixture<ConfigCase>('config-cases.json').filter(({ id }) => id !== 'plugin-kept')) {
    it(`C57: ${one.id}: ${one.outcome}, with the names`, () => {
      if (one.outcome === 'accepted') {
        expect(make(one)).to.include(one.config)
        return
      }
      expect(() => make(one))
        .to.throw(ConfigurationError)
        .with.property('message')
        .that.satisfies((message: string) =>
          one.names.every(name => message.toLowerCase().includes(name.toLowerCase()))
        )
    })
  }
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

describe('checkStart', () => {
  const started = (type: 'consumer' | 'producer', settings: KafkaSettings) => (): void => checkStart(type, settings)

  it('accepts what a client starts with, and neither loads plugins nor connects', () => {
    const elsewhere = { 'bootstrap.servers': 'broker.invalid:9092', 'plugin.library.paths': '/no/such/plugin' }
    expect(started('producer', { 'linger.ms': 5, acks: 'all', ...elsewhere })).to.not.throw()
    expect(started('consumer', { 'group.id': 'g', 'auto.offset.reset': 'error', ...elsewhere })).to.not.throw()
  })

  it('C57: refuses settings that do not fit together, with the reason and the name', () => {
    for (const [settings, setting] of [
      [{ 'enable.idempotence': true, acks: 1 }, 'acks'],
      [{ 'enable.idempotence': true, 'max.in.flight': 6 }, 'max.in.flight'],
      [{ 'linger.ms': 5, 'message.timeout.ms': 1 }, 'message.timeout.ms'],
      [{ 'security.protocol': 'ssl', 'ssl.ca.location': '/no/such/ca.pem' }, 'ssl.ca.location'],
      [{ 'security.protocol': 'ssl', 'ssl.certificate.pem': 'x' }, 'ssl.certificate.pem']
    ] as const) {
      expect(started('producer', settings)).to.throw(ConfigurationError, setting).with.property('setting', setting)
    }
    expect(started('consumer', { 'session.timeout.ms': 1_000_000 })).to.throw(ConfigurationError, 'session.timeout.ms')
  })

  it('names what the user set, by the name that it was set by, and what it does not fit', () => {
    const options = { bootstrapServers: 'broker.invalid:9092' }
    for (const [setting, value, others] of [
      ['max.in.flight.requests.per.connection', 6, ["'enable.idempotence' is true"]],
      ['max.in.flight', 6, ["'enable.idempotence' is true"]],
      ['message.send.max.retries', 0, ["'enable.idempotence' is true"]],
      ['request.required.acks', 1, ["'enable.idempotence' is true"]],
      ['delivery.timeout.ms', 1, ["'linger.ms' is 5"]],
      ['queue.buffering.max.ms', 900_000, []]
    ] as const) {
      const config = producerConfig({ ...options, settings: { [setting]: value } }, 1)
      expect(() => checkStart('producer', config))
        .to.throw(ConfigurationError)
        .that.satisfies((error: ConfigurationError) =>
          [`'${setting}' is ${value}`, ...others].every(part => error.message.includes(part))
        )
        .with.property('setting', setting)
    }
    const config = consumerConfig({ ...options, settings: { 'max.poll.interval.ms': 1 } }, 'g', {})
    expect(() => checkStart('consumer', config))
      .to.throw(ConfigurationError, "('max.poll.interval.ms' is 1, 'session.timeout.ms' is 1000)")
      .with.property('setting', 'max.poll.interval.ms')
  })

  it('refuses a security protocol without what it needs', () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'GSSAPI']) {
      const settings = { 'security.protocol': 'sasl_plaintext', 'sasl.mechanism': mechanism }
      expect(started('consumer', settings), mechanism).to.throw(ConfigurationError)
    }
  })
})
