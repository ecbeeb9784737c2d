import { expect } from 'chai'
import { type KafkaChannelReader, RecordType, TimeoutError } from 'millrace'
import type { BrokerUnderTest } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, readCount } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { committedOffset, kafkaCall, plainProducer, setCommitted, turns } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

export function readingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  it('hands every record of a writer to a group of 13, once, whole, and in order within a partition', async () => {
    const { readers, writer } = await channel.open(13)
    const reading = Promise.all(readers.map(reader => readCount(reader, 1000)))
    for (let i = 0; i < 13; i++) await writer.write(items(1000, 1000 * i))
    const read = await reading
    for (const records of read) {
      const numbers = records.map(({ n }) => n)
      expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b))
    }
    const all = read.flat().toSorted((a, b) => a.n - b.n)
    expect(all).to.deep.equal(items(13_000))
  })

  it('gives batches with partition, first and last offset, and a timestamp for each record', async () => {
    const before = Date.now()
    const { readers, writer } = await channel.open(2)
    await writer.write(items(20))
    await writer.flush()
    for (const [index, reader] of readers.entries()) {
      const batch = await reader.read({ maxRecords: 4 })
      expect([batch.partition, batch.firstOffset, batch.lastOffset]).to.deep.equal([index, 0, 3])
      expect(batch.records).to.have.length(4)
      expect(batch.timestamps).to.have.length(4)
      for (const time of batch.timestamps) expect(time).to.be.within(before - 1000, Date.now() + 1000)
      expect((await reader.read()).firstOffset).to.equal(4)
    }
  })

  it('never hands out more than maxRecords and maxBatchBytes at a time', async () => {
    const { readers, writer } = await channel.open(1, { reader: { maxBatchBytes: 4096 } })
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(200).map(({ n }) => ({ n, text: 'x'.repeat(n === 100 ? 10_000 : 500) })))
    await writer.flush()
    let next = 0
    while (next < 200) {
      const { records, firstOffset } = await reader.read({ maxRecords: 50 })
      expect(firstOffset).to.equal(next)
      expect(records.map(({ n }) => n)).to.deep.equal(records.map((_, i) => next + i))
      const bytes = records.reduce((sum, { text }) => sum + text.length, 0)
      // A record that is larger alone comes alone.
      if (records.length > 1) expect(bytes).to.be.below(4096)
      next += records.length
    }
  })

  it('a slow reader does not hold back the others on the same client', async () => {
    const { readers, writer } = await channel.open(3)
    await writer.write(items(3000))
    await writer.flush()
    const [, ...fast] = readers
    for (const reader of fast) expect(await readCount(reader, 1000)).to.have.length(1000)
    expect(readers[0]?.position).to.equal(0)
  })

  it('waits for records until they come', async () => {
    const { readers, writer } = await channel.open(1)
    const reading = readCount(readers[0] as KafkaChannelReader<Item>, 1)
    await turns(20)
    await writer.write(items(1, 7))
    expect(await reading).to.deep.equal(items(1, 7))
  })

  it('a read that comes to its deadline says what it waited for, and loses nothing', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    const error = await rejection(reader.read({ timeoutMs: 50 }))
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain(channel.channelName)
    await writer.write(items(2))
    expect(await readCount(reader, 2)).to.deep.equal(items(2))
  })

  it('an aborted read rejects with the reason of the signal, and loses nothing', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    const abort = new AbortController()
    const reading = rejection(reader.read({ signal: abort.signal }))
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await reading).to.equal(reason)
    await writer.write(items(2))
    expect(await readCount(reader, 2)).to.deep.equal(items(2))
  })

  it('two reads at once share the records between them, in order', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    const both = Promise.all([reader.read({ maxRecords: 5 }), reader.read({ maxRecords: 5 })])
    await writer.write(items(10))
    const read = (await both).flatMap(({ records }) => records)
    const rest = await readCount(reader, 10 - read.length)
    expect([...read, ...rest].map(({ n }) => n).toSorted((a, b) => a - b)).to.deep.equal(items(10).map(({ n }) => n))
  })

  it('tells how far it is behind, before, while and after it reads', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    expect(await reader.lag()).to.equal(0)
    await writer.write(items(100))
    await writer.flush()
    expect(await reader.lag()).to.equal(100)
    await readCount(reader, 60)
    expect([await reader.lag(), reader.position]).to.deep.equal([40, 60])
    await readCount(reader, 40)
    expect(await reader.lag()).to.equal(0)
  })

  it('reads what was written in plain encoding, and says so when the encodings of the two ends differ', async () => {
    const { readers, writer } = await channel.open(1, { writer: { encoding: 'plain' }, reader: { encoding: 'plain' } })
    await writer.write(items(5))
    await writer.flush()
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 5)).to.deep.equal(items(5))
    const other = await channel.reader({ group: { name: 'other' } })
    expect((await rejection(other.read())).message).to.contain("encoding 'plain'")
  })

  it('C09: opened again at an earlier committed offset, it begins there, with nothing of the fetch before', async () => {
    const { readers, writer } = await channel.open(2)
    const total = 10_000
    await writer.write(items(2 * total))
    await writer.flush()
    const group = `group.${channel.channelName}`
    let reader = readers[0] as KafkaChannelReader<Item>
    // The other member stays, and with it the client that both share.
    for (let round = 0; round < 25; round++) {
      const wanted = (round * 37) % (total - 200)
      const first = await reader.read({ maxRecords: 1 + (round % 50) })
      expect(first.firstOffset, `round ${round}`).to.equal(reader.position - first.records.length)
      await reader.close()
      await setCommitted(broker(), group, channel.channelName, wanted)
      reader = await channel.reader({ group: { name: 'group', index: 0, size: 2 } })
      let last = wanted - 1
      for (let i = 0; i < 3; i++) {
        const { firstOffset, lastOffset, records } = await reader.read({ maxRecords: 40 })
        expect(firstOffset, `round ${round}`).to.equal(last + 1)
        expect(records).to.have.length(lastOffset - firstOffset + 1)
        last = lastOffset
      }
    }
  })
  it('C08: a member that is not read from for a while begins at its committed offset all the same', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(5000))
    await writer.flush()
    await readers[0]?.close()
    const group = `group.${channel.channelName}`
    for (let round = 0; round < 10; round++) {
      const offset = 100 * round + 7
      await setCommitted(broker(), group, channel.channelName, offset)
      const reader = await channel.reader({
        group: { name: 'group', index: 0, size: 1 },
        prefetchBytes: 64 * 1024,
        maxBatchBytes: 4096
      })
      // The prefetch is full, and nobody reads.
      await eventually(async () => (await reader.lag()) === 5000 - offset, { timeoutMs: 10_000, waitedFor: 'the lag' })
      expect((await reader.read({ maxRecords: 1 })).firstOffset).to.equal(offset)
      await reader.close()
    }
  })

  it('C59: headers and keys of other programs on a record are harmless', async () => {
    const { readers } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    const type = RecordType.of<Item>(itemSchema)
    const frame = Buffer.concat([Buffer.from([0xc3, 1]), Buffer.from(type.fingerprint, 'hex').reverse()])
    const producer = await plainProducer(broker())
    const headers = [{ same: 'a' }, { same: Buffer.from([0, 0x80, 0xff]) }, { same: '' }, { other: 'x'.repeat(1000) }]
    const [item] = items(1) as [Item]
    producer.produce(
      channel.channelName,
      0,
      Buffer.concat([frame, type.encode(item)]),
      Buffer.from([0, 255]),
      Date.now(),
      undefined,
      headers
    )
    await kafkaCall(done => producer.flush(20_000, done))
    expect(await readCount(reader, 1)).to.deep.equal([item])
    await kafkaCall(done => producer.disconnect(() => done()))
  })

  it('C09: after seek, forth and back, the next record is that of the offset, with nothing of the fetch before', async () => {
    const { readers, writer } = await channel.open(2)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10_000))
    await writer.flush()
    for (let round = 0; round < 25; round++) {
      const offset = (round * 1237) % 4900
      if (round % 3 > 0) await readCount(reader, 1 + (round % 50))
      await reader.seek({ offset })
      expect(reader.position).to.equal(offset)
      for (let next = offset, i = 0; i < 2; i++) {
        const { firstOffset, lastOffset } = await reader.read({ maxRecords: 40, timeoutMs: 10_000 })
        expect(firstOffset, `round ${round}`).to.equal(next)
        next = lastOffset + 1
      }
    }
  })

  it('a read that waits goes on after seek, and a commit after a seek back stays where it was', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(100))
    await writer.flush()
    await readCount(reader, 100)
    await reader.commit()
    const waiting = reader.read({ timeoutMs: 10_000, maxRecords: 5 })
    await turns(2)
    await reader.seek({ offset: 50, partition: 0 })
    expect((await waiting).firstOffset).to.equal(50)
    await reader.commit()
    expect(await committedOffset(broker(), `group.${channel.channelName}`, channel.channelName)).to.equal(100)
  })

  it('C10: refuses to seek in a partition of others, to what is no offset, and when it is closed', async () => {
    const { readers } = await channel.open(2)
    const [reader] = readers as [KafkaChannelReader<Item>]
    for (const place of [
      { offset: -1 },
      { offset: 1.5 },
      { offset: '5' },
      { offset: NaN },
      {},
      { offset: 5, partition: 1 }
    ]) {
      expect(await rejection(reader.seek(place as { offset: number })), JSON.stringify(place)).to.be.instanceOf(
        RangeError
      )
    }
    await reader.close()
    expect(await rejection(reader.seek({ offset: 0 }))).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
  })

  it('C63: tells what librdkafka says of the clients, where its settings ask for it', async () => {
    const channelConfig = { 'statistics.interval.ms': 50 }
    const { readers, writer } = await channel.open(1, { reader: { channelConfig }, writer: { channelConfig } })
    const ends = [readers[0] as KafkaChannelReader<Item>, writer]
    const types = (): unknown[] => ends.map(({ statistics }) => statistics.values?.['type'])
    await eventually(() => !types().includes(undefined), { timeoutMs: 20_000, waitedFor: 'statistics of both clients' })
    expect(types()).to.deep.equal(['consumer', 'producer'])
    expect(ends.map(({ statistics }) => statistics.dropped)).to.deep.equal([0, 0])
    const other = await channel.reader({ group: { name: 'other' } })
    expect(other.statistics).to.deep.equal({ values: undefined, ageMs: Infinity, dropped: 0 })
  })
}
