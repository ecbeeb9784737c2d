import { expect } from 'chai'
import { ConfigurationError, type KafkaChannelReaderOptions, RecordType, SchemaError } from 'millrace'
import { checkOptions, wholeNumber } from '../../lib/kafka-channel/options.js'
import { checkReaderOptions } from '../../lib/kafka-channel/reader-options.js'
import { checkWriterOptions } from '../../lib/kafka-channel/writer-options.js'

type Options = KafkaChannelReaderOptions<unknown>
const good: Options = { location: 'broker.invalid:9092', channelName: 'plant.press', schema: '"int"' }
/** As a program in JavaScript could give them. */
const options = (changes: Record<string, unknown>): Options => ({ ...good, ...changes })

describe('checkOptions', () => {
  it('fills in the defaults', () => {
    const { client, channelName, type, encoding } = checkOptions(good)
    expect(client).to.deep.equal({ bootstrapServers: good.location, clientId: undefined, settings: undefined })
    expect(channelName).to.equal('plant.press')
    expect(encoding).to.equal('single-object')
    expect(type.fingerprint).to.equal(RecordType.of('"int"').fingerprint)
  })

  it('hands on settings and client id', () => {
    const channelConfig = { 'linger.ms': 1 }
    const { client } = checkOptions(options({ channelConfig, clientId: 'me' }))
    expect(client).to.include({ clientId: 'me', settings: channelConfig })
  })

  it('takes a RecordType as schema', () => {
    const type = RecordType.of('"int"')
    expect(checkOptions(options({ schema: type })).type).to.equal(type)
  })

  it('refuses what is no object', () => {
    for (const value of [undefined, null, 'broker:9092']) {
      expect(() => checkOptions(value as unknown as Options)).to.throw(TypeError, 'options')
    }
  })

  it('refuses a location that is no text or empty', () => {
    for (const location of [undefined, '', 9092, ['broker:9092']]) {
      expect(() => checkOptions(options({ location }))).to.throw(TypeError, 'location')
    }
  })

  it('takes one broker or several, and refuses what is no address by the name of the option', () => {
    for (const location of ['a.invalid:9092', 'a.invalid:9092,b.invalid:9093', '[::1]:9092', 'a.invalid:65535']) {
      expect(checkOptions(options({ location })).client.bootstrapServers).to.equal(location)
    }
    for (const location of [
      'embedded',
      'a.invalid',
      'kafka://a.invalid:9092',
      'a.invalid:port',
      'a.invalid:0',
      'a.invalid:65536',
      'a.invalid:9092,b:99999'
    ]) {
      expect(() => checkOptions(options({ location })), location)
        .to.throw(ConfigurationError, `'${location}'`)
        .with.property('setting', 'location')
    }
  })

  it('C53: takes the names that Kafka takes for topics, as long as the status topics’ names fit as well', () => {
    for (const channelName of ['a', '...', 'a.b_c-D9', 'x'.repeat(236)]) {
      expect(checkOptions(options({ channelName })).channelName).to.equal(channelName)
    }
  })

  it('C53: refuses other names, with the name', () => {
    for (const channelName of ['', '.', '..', 'a b', 'ü', 'a/b', 'a\n', 'x'.repeat(237)]) {
      expect(() => checkOptions(options({ channelName })), channelName)
        .to.throw(ConfigurationError, `'${channelName}'`)
        .with.property('setting', 'channelName')
    }
    for (const channelName of [undefined, 5]) {
      expect(() => checkOptions(options({ channelName }))).to.throw(TypeError, 'channelName')
    }
  })

  it('keeps the refusal of a very long name short', () => {
    const channelName = 'x'.repeat(100_000)
    expect(() => checkOptions(options({ channelName })))
      .to.throw(ConfigurationError)
      .with.property('message')
      .that.satisfies((message: string) => message.length < 500)
  })

  it('refuses texts that would be another one to Kafka, by the name of the option', () => {
    const places: Record<string, (text: string) => Record<string, unknown>> = {
      clientId: text => ({ clientId: text }),
      location: text => ({ location: `${text}:9092` }),
      'group.name': text => ({ group: { name: text } }),
      name: text => ({ name: text }),
      topicConfig: text => ({ topicConfig: { [text]: '1' } }),
      'retention.ms': text => ({ topicConfig: { 'retention.ms': text } })
    }
    for (const [setting, changes] of Object.entries(places)) {
      for (const text of ['a\0one', '\0', 'a\0', 'b\ud800', '\udc00b', '\udc00\ud800']) {
        expect(() => checkReaderOptions(options(changes(text))), `${setting} ${JSON.stringify(text)}`)
          .to.throw(ConfigurationError, new RegExp(`^${setting} has (a zero character|half of a surrogate pair)`))
          .with.property('setting', setting)
      }
      checkReaderOptions(options(changes('größe-\u{1f682}')))
    }
  })

  it('refuses a client id by which librdkafka could not tell two clients apart', () => {
    checkOptions(options({ clientId: 'c'.repeat(100) }))
    for (const clientId of ['c'.repeat(101), 'ü'.repeat(51), 'c'.repeat(40_000)]) {
      expect(() => checkOptions(options({ clientId })))
        .to.throw(ConfigurationError, /clientId has \d+ bytes as UTF-8, and may have at most 100/)
        .with.property('setting', 'clientId')
    }
  })

  it('refuses a group whose id, with the name of the channel, is longer than Kafka takes', () => {
    const longest = 32_767 - 1 - good.channelName.length
    checkReaderOptions(options({ group: { name: 'g'.repeat(longest) } }))
    for (const name of ['g'.repeat(longest + 1), 'ü'.repeat(16_384)]) {
      expect(() => checkReaderOptions(options({ group: { name } })))
        .to.throw(ConfigurationError, /group\.name with '\.plant\.press' behind it has \d+ bytes/)
        .with.property('setting', 'group.name')
    }
  })

  it('refuses names of writers that their readers would take for another one', () => {
    for (const name of ['a\0one', 'b\ud800', 'ü'.repeat(16_384)]) {
      expect(() => checkWriterOptions({ ...good, name }))
        .to.throw(ConfigurationError, /^name has /)
        .with.property('setting', 'name')
    }
  })

  it('refuses a member of a group mode whose name makes an id that is too long, by what it is made from', () => {
    const name = 'g'.repeat(32_767 - 1 - good.channelName.length)
    const member = { group: { name, index: 1, size: 2 } }
    checkReaderOptions(options(member))
    for (const [changes, setting] of [
      [{ ...member, groupMode: true }, 'group.name'],
      [{ name: `${name}g`, groupMode: true }, 'name'],
      [{ name: 'g'.repeat(32_768) }, 'name']
    ] as const) {
      expect(() => checkReaderOptions(options(changes)))
        .to.throw(ConfigurationError)
        .with.property('setting', setting)
    }
  })

  it('refuses settings that are no object of fields, by the name of the option', () => {
    for (const channelConfig of [null, 5, 'linger.ms', [], new Map([['linger.ms', 5]])]) {
      expect(() => checkOptions(options({ channelConfig }))).to.throw(TypeError, 'channelConfig must be an object')
    }
    const inherited = Object.create({ 'linger.ms': 5 }) as object
    expect(() => checkOptions(options({ channelConfig: inherited })))
      .to.throw(ConfigurationError, "'linger.ms' in channelConfig")
      .with.property('setting', 'linger.ms')
  })

  it('refuses an encoding that there is not, and says which there are', () => {
    for (const encoding of ['json', 'Plain', null]) {
      expect(() => checkOptions(options({ encoding })))
        .to.throw(ConfigurationError, /single-object.*plain/)
        .with.property('setting', 'encoding')
    }
  })

  it('refuses a schema that is not valid', () => {
    expect(() => checkOptions(options({ schema: '{"type":"strin"}' }))).to.throw(SchemaError)
    expect(() => checkOptions(options({ schema: undefined }))).to.throw(TypeError)
  })
})

describe('checkReaderOptions', () => {
  it('fills in the defaults', () => {
    const checked = checkReaderOptions(good)
    expect(checked).to.include({
      maxBatchRecords: 2000,
      maxBatchBytes: 1024 * 1024,
      prefetchBytes: 256 * 1024 * 1024,
      topicReplicationFactor: -1
    })
    expect(checked.group).to.deep.equal({ name: 'plant.press', index: 0, size: 1 })
  })

  it('makes the batches of large groups smaller, unless it is told how large', () => {
    const maxOf = (size: number, changes = {}): number =>
      checkReaderOptions(options({ group: { size }, ...changes })).maxBatchRecords
    expect([125, 126, 1000, 100_000].map(size => maxOf(size))).to.deep.equal([2000, 1984, 250, 100])
    expect(maxOf(1000, { maxBatchRecords: 5000 })).to.equal(5000)
  })

  it('refuses numbers out of range, by the name of the option', () => {
    for (const [name, values] of Object.entries({
      maxBatchRecords: [0, 10_001, 1.5, '5', NaN],
      maxBatchBytes: [1023, 2 ** 31 + 1],
      prefetchBytes: [65_535, Infinity],
      topicReplicationFactor: [-2, 0, 10_001]
    })) {
      for (const value of values) {
        expect(() => checkReaderOptions(options({ [name]: value })), `${name} ${value}`).to.throw(RangeError, name)
      }
    }
  })

  it('C12: takes one of the words of an option, and refuses any other by the name of the option', () => {
    const words = { onUndecodable: ['error', 'skip', 'dead-letter'], onOffsetOutOfRange: ['error', 'earliest'] }
    for (const [name, values] of Object.entries(words)) {
      for (const value of values) checkReaderOptions(options({ [name]: value }))
      for (const value of ['latest', 'Error', '', 5, null, true, ['error']]) {
        expect(() => checkReaderOptions(options({ [name]: value })), `${name} ${String(value)}`)
          .to.throw(ConfigurationError, `${name} must be '${values.join("' or '")}'`)
          .with.property('setting', name)
      }
    }
    expect(checkReaderOptions(good)).to.include({ skipsUndecodable: false, passesGaps: false })
    expect(checkReaderOptions(options({ onOffsetOutOfRange: 'earliest' })).passesGaps).to.equal(true)
  })

  it('refuses an option that there is not, of the reader and of its group, by its name', () => {
    for (const [changes, setting] of [
      [{ maxBatchRecrods: 3 }, 'maxBatchRecrods'],
      [{ group: { idx: 1 } }, 'idx']
    ] as const) {
      expect(() => checkReaderOptions(options(changes)), setting)
        .to.throw(ConfigurationError, `'${setting}'`)
        .with.property('setting', setting)
    }
  })

  it('refuses what is missing among the writer schemas, with its place', () => {
    for (const [writerSchemas, place] of [
      [Object.assign(Array<string>(2), { 1: '"int"' }), 0],
      [['"int"', undefined], 1],
      [['"int"', null], 1],
      [['"int"', 5], 1]
    ] as const) {
      expect(() => checkReaderOptions(options({ writerSchemas }))).to.throw(TypeError, `writerSchemas[${place}]`)
    }
  })

  it('refuses a group member that cannot be', () => {
    expect(() => checkReaderOptions(options({ group: { index: 2, size: 2 } }))).to.throw(RangeError, 'group.index')
  })

  const framed = (schema: string, body: string): Buffer =>
    Buffer.concat([
      Buffer.from([0xc3, 1]),
      Buffer.from(RecordType.of(schema).fingerprint, 'hex').reverse(),
      Buffer.from(body, 'hex')
    ])
  const decode = ({ decoder }: ReturnType<typeof checkReaderOptions>, record: Buffer): unknown =>
    decoder.decode(record, Uint32Array.of(record.length), 1, new Uint8Array(1))

  it('reads records of its own schema, and of the writer schemas beside', () => {
    const checked = checkReaderOptions(options({ schema: '"long"', writerSchemas: ['"int"'] }))
    expect(decode(checked, framed('"long"', '02'))).to.deep.equal({ records: [1] })
    expect(decode(checked, framed('"int"', '04'))).to.deep.equal({ records: [2] })
  })

  it('reads plain records with the one writer schema, or its own', () => {
    const plain = options({ schema: '"double"', encoding: 'plain' })
    expect(decode(checkReaderOptions(plain), Buffer.from('000000000000e03f', 'hex'))).to.deep.equal({ records: [0.5] })
    const other = checkReaderOptions({ ...plain, writerSchemas: ['"int"'] })
    expect(decode(other, Buffer.from('06', 'hex'))).to.deep.equal({ records: [3] })
  })

  it('refuses a writer schema that cannot be read, and two for plain records', () => {
    expect(() => checkReaderOptions(options({ writerSchemas: ['"string"'] }))).to.throw(SchemaError, '"string"')
    const two = options({ schema: '"long"', encoding: 'plain', writerSchemas: ['"int"', '"long"'] })
    expect(() => checkReaderOptions(two)).to.throw(RangeError, 'exactly one')
  })
})

describe('wholeNumber', () => {
  it('is the value, or the default where none is given', () => {
    expect(wholeNumber('n', 3, 5, 1, 9)).to.equal(3)
    expect(wholeNumber('n', undefined, 5, 1, 9)).to.equal(5)
    expect([1, 9].map(value => wholeNumber('n', value, 5, 1, 9))).to.deep.equal([1, 9])
  })

  it('names the option, its range and what was met', () => {
    expect(() => wholeNumber('n', 10, 5, 1, 9)).to.throw(RangeError, 'n must be a whole number from 1 to 9, not 10')
  })
})
