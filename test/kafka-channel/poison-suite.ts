import { expect } from 'chai'
import { CodecMissingError, type KafkaChannelReader, RecordType, UndecodableRecordError } from 'millrace'
import rdkafka from 'node-rdkafka'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import {
  ChannelFixture,
  type Item,
  items,
  itemSchema,
  readCount,
  type ReaderOptions,
  readToTheEnd
} from '../support/channel-fixture.js'
import { committedOffset, makeChannel, putRaw } from '../support/raw.js'
import { eventually } from '../support/eventually.js'
import { fixture } from '../support/fixtures.js'
import { rejection } from '../support/rejection.js'

const type = RecordType.of<Item>(itemSchema)
const good = (item: Item): Buffer =>
  Buffer.concat([Buffer.from([0xc3, 1]), Buffer.from(type.fingerprint, 'hex').reverse(), type.encode(item)])

export function poisonSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  const frame = good({ n: 1, text: 'whole' })
  const bad: [string, Buffer | null, RegExp][] = [
    ['a record that is cut short', frame.subarray(0, frame.length - 2), /cut short/],
    ['a record with bytes left over', Buffer.concat([frame, Buffer.from([1, 2, 3])]), /3 bytes are left over/],
    ['a tombstone', null, /no value/],
    ['an empty value', Buffer.alloc(0), /empty/],
    ['a bare body', type.encode({ n: 1, text: 'plain' }), /encoding 'plain'/],
    ['an unknown schema', Buffer.from([0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0]), /0807060504030201/]
  ]

  for (const [what, value, reason] of bad) {
    it(`${what} is an error with its place and reason; the records before it come first, unharmed`, async () => {
      const reader = await channel.reader({ group: { name: 'group' } })
      await putRaw(broker(), channel.channelName, [good({ n: 0, text: 'a' }), good({ n: 1, text: 'b' }), value, frame])
      expect(await readCount(reader, 2)).to.deep.equal([
        { n: 0, text: 'a' },
        { n: 1, text: 'b' }
      ])
      for (let i = 0; i < 2; i++) {
        const error = (await rejection(reader.read({ timeoutMs: 10_000 }))) as UndecodableRecordError
        expect(error).to.be.instanceOf(UndecodableRecordError)
        expect(error).to.include({ topic: channel.channelName, partition: 0, offset: 2 })
        expect(error.reason).to.match(reason)
      }
      await reader.commit()
      expect(await committedOffset(broker(), `group.${channel.channelName}`, channel.channelName)).to.equal(2)
    })
  }

  const foreign: Record<string, RegExp> = {
    'framing-registry': /schema registry's frame/,
    'framing-container': /Avro file \(Obj 01\)/,
    'framing-json': /'plain'/
  }
  for (const { id, hex, kind } of fixture<{ id: string; hex: string; kind: string }>('bad.json')) {
    if (kind !== 'framing') continue
    it(`C47: the error of a read says what the record looks like: ${id}`, async () => {
      const reader = await channel.reader()
      await putRaw(broker(), channel.channelName, [frame, Buffer.from(hex, 'hex'), frame])
      expect(await readCount(reader, 1)).to.deep.equal([{ n: 1, text: 'whole' }])
      const error = (await rejection(reader.read({ timeoutMs: 10_000 }))) as UndecodableRecordError
      expect(error).to.include({ code: 'ERR_MILLRACE_RECORD_UNDECODABLE', topic: channel.channelName, offset: 1 })
      expect(error.reason).to.match(foreign[id] ?? /no such kind/)
      expect(error.message).to.contain(error.reason)
    })
  }

  it('C47: a reader of plain records says it too, of those that it cannot decode', async () => {
    const looks: [bytes: string, reason: RegExp][] = [
      ['00000000010a68656c6c6f', /schema registry's frame/],
      ['4f626a01040a', /Avro file \(Obj 01\)/],
      ['c3010102030405060708ff', /single-object encoding/]
    ]
    const reader = await channel.reader({ encoding: 'plain' })
    const plain = type.encode({ n: 1, text: 'whole' })
    await putRaw(broker(), channel.channelName, [plain, ...looks.map(([bytes]) => Buffer.from(bytes, 'hex')), plain])
    expect(await readCount(reader, 1)).to.deep.equal([{ n: 1, text: 'whole' }])
    for (const [bytes, reason] of looks) {
      const error = (await rejection(reader.read({ timeoutMs: 10_000 }))) as UndecodableRecordError
      expect(error.reason, bytes).to.match(reason)
      await reader.seek({ offset: error.offset + 1 })
    }
    expect(await readCount(reader, 1)).to.deep.equal([{ n: 1, text: 'whole' }])
  })

  it('C49: with skip, the others arrive, the commit passes the bad ones, and they are counted', async () => {
    const group = { name: 'group' }
    const reader = await channel.reader({ group, onUndecodable: 'skip' })
    const isBad = (i: number): boolean => [0, 1, 49, 50, 99].includes(i) || (i >= 60 && i < 80)
    const values = items(100).map((item, i) => (isBad(i) ? Buffer.from('bad') : good(item)))
    await putRaw(broker(), channel.channelName, values)
    const read: Item[] = []
    let offsets: number[] = []
    while (read.length < 75) {
      const { records, timestamps, firstOffset, lastOffset } = await reader.read({ timeoutMs: 10_000 })
      read.push(...records)
      expect(timestamps).to.have.length(records.length)
      offsets = [...offsets, firstOffset, lastOffset]
    }
    expect(read).to.deep.equal(items(100).filter((_, i) => !isBad(i)))
    expect([offsets[0], offsets.at(-1)]).to.deep.equal([2, 98])
    const isPast = async (): Promise<boolean> => {
      // Looks once more, as the last one may come later.
      await rejection(reader.read({ timeoutMs: 20 }))
      return reader.position === 100
    }
    await eventually(isPast, { timeoutMs: 10_000, waitedFor: 'the last one to be passed over' })
    expect(reader.skipped).to.equal(25)
    await reader.commit()
    expect(await committedOffset(broker(), `group.${channel.channelName}`, channel.channelName)).to.equal(100)
  })

  it('C49: seek is the way over a bad record, and what is committed then lies behind it', async () => {
    const group = { name: 'group' }
    const first = await channel.reader({ group })
    await putRaw(broker(), channel.channelName, [
      good({ n: 0, text: 'a' }),
      Buffer.from('bad'),
      good({ n: 2, text: 'c' })
    ])
    for (const reader of [first, undefined]) {
      const met = reader ?? (await channel.reader({ group }))
      if (reader) expect(await readCount(met, 1)).to.deep.equal([{ n: 0, text: 'a' }])
      const error = (await rejection(met.read({ timeoutMs: 10_000 }))) as UndecodableRecordError
      expect(error).to.include({ code: 'ERR_MILLRACE_RECORD_UNDECODABLE', offset: 1 })
      if (!reader) {
        await met.seek({ offset: error.offset + 1 })
        await met.commit()
        expect(await committedOffset(broker(), `group.${channel.channelName}`, channel.channelName)).to.equal(2)
        expect(await readCount(met, 1)).to.deep.equal([{ n: 2, text: 'c' }])
        return
      }
      await met.commit()
      await met.close()
    }
  })

  it('C34: records of a codec that this build lacks are an error that names it, now and later, and are not skipped', async function () {
    needs(this, broker(), 'unbounded-log')
    if (rdkafka.features.includes('zstd')) {
      console.log('skipped: this build of librdkafka lacks no codec')
      return this.skip()
    }
    // The broker itself compresses what such a topic is given.
    const channelName = await makeChannel(broker(), 1, { 'compression.type': 'zstd' })
    const writer = await channel.writer({ channelName })
    await writer.write(items(10))
    await writer.flush()
    const group = { name: 'group' }
    for (const onUndecodable of ['error', 'skip'] as const) {
      const reader = await channel.reader({ channelName, group, onUndecodable })
      for (let i = 0; i < 2; i++) {
        const error = (await rejection(reader.read({ timeoutMs: 10_000 }))) as CodecMissingError
        expect(error).to.include({ code: 'ERR_MILLRACE_CODEC_MISSING', topic: channelName, partition: 0, offset: 0 })
        expect(error).to.be.instanceOf(CodecMissingError).with.property('codec', 'zstd')
      }
      expect([reader.position, reader.skipped, await reader.lag()]).to.deep.equal([0, 0, 10])
      await reader.commit()
      await reader.close()
    }
    expect(await committedOffset(broker(), `group.${channelName}`, channelName)).to.equal(-1)
  })

  it('decodes each record with the schema it was written with, two versions interleaved', async () => {
    const older = { ...itemSchema, fields: [{ name: 'n', type: 'int' }] }
    const newer = { ...itemSchema, fields: [itemSchema.fields[0], { name: 'text', type: 'string', default: 'none' }] }
    const reader = await channel.reader({ schema: newer, writerSchemas: [older] })
    const [one, two] = await Promise.all([channel.writer({ schema: older }), channel.writer({ schema: newer })])
    for (let n = 0; n < 10; n += 2) {
      await one.write([{ n } as Item])
      await one.flush()
      await two.write([{ n: n + 1, text: 'new' }])
      await two.flush()
    }
    const read = await readCount(reader, 10)
    expect(read).to.deep.equal(items(10).map(({ n }) => ({ n, text: n % 2 === 0 ? 'none' : 'new' })))
  })

  it('an incompatible schema is refused at open, with both named', async () => {
    const other = { type: 'record', name: 'Other', fields: [{ name: 'x', type: 'string' }] }
    const error = await rejection(channel.reader({ writerSchemas: [other] }))
    expect(error).to.have.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
    expect(error.message).to.contain('Item').and.contain('Other')
  })

  describe('of a writer that came later with a schema that cannot be read as the reader’s', () => {
    const other = { ...itemSchema, fields: [{ name: 'n', type: 'string' }] }

    /** Two good records, three of the other schema, two good ones. */
    async function open(options: ReaderOptions): Promise<KafkaChannelReader<Item>> {
      const [reader, writer] = await Promise.all([channel.reader(options), channel.writer()])
      await writer.write(items(2))
      await writer.flush()
      const later = await channel.writer({ schema: other })
      await later.write([0, 1, 2].map(n => ({ n: String(n) }) as unknown as Item))
      await later.close()
      await writer.write(items(2, 2))
      await writer.close()
      return reader
    }

    it('stands in front of the first with both schemas named, and is not at its end', async () => {
      const reader = await open({})
      expect(await readCount(reader, 2)).to.deep.equal(items(2))
      for (let i = 0; i < 2; i++) {
        const error = (await rejection(reader.read({ timeoutMs: 10_000 }))) as UndecodableRecordError
        expect(error).to.be.instanceOf(UndecodableRecordError).with.property('offset', 2)
        expect(error.message).to.contain('"type":"string"').and.contain('"type":"long"')
      }
      expect([reader.position, reader.isFinished]).to.deep.equal([2, false])
      await reader.seek({ partition: 0, offset: 5 })
      expect(await readToTheEnd(reader)).to.deep.equal(items(2, 2))
    })

    it('passes over each with skip, and counts them', async () => {
      const reader = await open({ onUndecodable: 'skip' })
      expect(await readToTheEnd(reader)).to.deep.equal(items(4))
      expect(reader.skipped).to.equal(3)
    })

    it('makes dead letters of them', async () => {
      const reader = await open({ onUndecodable: 'dead-letter' })
      expect(await readToTheEnd(reader)).to.deep.equal(items(4))
      expect(reader.deadLettered).to.equal(3)
    })
  })

  it('ends the loop over batches with the error', async () => {
    const reader: KafkaChannelReader<Item> = await channel.reader()
    await putRaw(broker(), channel.channelName, [frame, Buffer.from('bad')])
    const read: Item[] = []
    const loop = async (): Promise<void> => {
      for await (const { records } of reader.batches()) read.push(...records)
    }
    expect(await rejection(loop())).to.be.instanceOf(UndecodableRecordError)
    expect(read).to.deep.equal([{ n: 1, text: 'whole' }])
  })
}
