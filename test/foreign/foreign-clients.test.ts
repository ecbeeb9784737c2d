import avsc from 'avsc'
import { expect } from 'chai'
import { CompressionTypes } from 'kafkajs'
import { type KafkaChannelReader, RecordType, UndecodableRecordError } from 'millrace'
import { native } from '../../lib/native/index.js'
import { onOwnBroker, onRealBroker } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, readCount, readToTheEnd } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { committedOffset, endOffset, makeChannel, plainProducer } from '../support/raw.js'
import { rejection } from '../support/rejection.js'
import { foreignProducer, foreignReading, headersOf } from './kafkajs.js'

const group = { name: 'group', index: 0, size: 1 } as const
const type = RecordType.of<Item>(itemSchema)
const foreignType = avsc.Type.forSchema(itemSchema as unknown as avsc.Schema)
/** As others write it who know the format: two marks, the fingerprint, the body. */
const framed = (item: Item): Buffer =>
  Buffer.concat([Buffer.of(0xc3, 1), type.fingerprintBytes, foreignType.toBuffer(item)])

/** All of it at once, and in the order of the log. */
async function readAll(reader: KafkaChannelReader<Item>, count: number): Promise<number[]> {
  return (await readCount(reader, count)).map(({ n }) => n)
}

onRealBroker('other clients on the topics of a channel', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  it('C59: read what our writer wrote: the framed record, without a key and headers, whole', async () => {
    const { writer } = await channel.open(1)
    await writer.write(items(10))
    await writer.close()
    const messages = await foreignReading(broker(), channel.channelName, 10)
    for (const [i, { key, value, headers }] of messages.entries()) {
      expect([key, headers]).to.deep.equal([null, {}])
      expect(value).to.deep.equal(framed(items(1, i)[0] as Item))
    }
  })

  it('read our status messages as the seven fields of pypz', async () => {
    await channel.open(1)
    const [opened] = await foreignReading(broker(), `${channel.channelName}.input.state`, 2)
    const fields = JSON.parse(String(opened?.value)) as { timestamp: unknown }
    expect(fields).to.deep.equal({
      channel_name: channel.channelName,
      channel_context_name: 'group',
      channel_group_name: 'group',
      channel_group_index: 0,
      status: 'Opened',
      payload: null,
      timestamp: fields.timestamp
    })
    expect(fields.timestamp).to.be.a('number').closeTo(Date.now(), 60_000)
    // pypz passes over whatever has no such word in its key.
    expect(String(opened?.key)).to.contain('state')
    expect(headersOf(opened as never)).to.have.property('millrace')
  })

  it('C59: write to our reader with keys, headers that repeat, and gzip', async () => {
    const reader = await channel.reader({ group })
    const producer = await foreignProducer(broker())
    const headers = { binary: Buffer.of(0, 0x80, 0xff), same: ['1', '2', '3'], millrace: 'of somebody else' }
    const messages = items(100).map(item => ({ key: `key ${item.n}`, value: framed(item), headers }))
    await producer.send({ topic: channel.channelName, messages, compression: CompressionTypes.GZIP, acks: -1 })
    await producer.disconnect()
    expect(await readAll(reader, 100)).to.deep.equal(items(100).map(({ n }) => n))
  })

  it('C45: write tombstones and empty values, which are no records, and are passed over only where that is told', async () => {
    const producer = await foreignProducer(broker())
    const [first, last] = items(2) as [Item, Item]
    const reader = await channel.reader({ group })
    const values = [framed(first), null, Buffer.alloc(0), framed(last)]
    await producer.send({ topic: channel.channelName, messages: values.map(value => ({ key: 'k', value })), acks: -1 })
    await producer.disconnect()
    expect(await readAll(reader, 1)).to.deep.equal([0])
    for (const offset of [1, 2]) {
      const error = await rejection(reader.read({ timeoutMs: 10_000 }))
      expect(error).to.be.instanceOf(UndecodableRecordError).with.property('offset', offset)
      await reader.seek({ partition: 0, offset: offset + 1 })
    }
    expect(await readAll(reader, 1)).to.deep.equal([1])
    await reader.close()
    const skipping = await channel.reader({ group: { ...group, name: 'other' }, onUndecodable: 'skip' })
    expect(await readAll(skipping, 2)).to.deep.equal([0, 1])
    expect(skipping.skipped).to.equal(2)
  })

  it('C15: write in transactions, of which aborted ones are never handed out, and the end is found behind their markers', async () => {
    const [reader, writer] = await Promise.all([channel.reader({ group }), channel.writer()])
    const producer = await foreignProducer(broker(), `foreign.${channel.channelName}`)
    let next = 0
    for (const isCommitted of [true, false, true, false, false]) {
      const transaction = await producer.transaction()
      const messages = items(20, next).map(item => ({ value: framed(item) }))
      await transaction.send({ topic: channel.channelName, messages, acks: -1 })
      if (isCommitted) next += 20
      await (isCommitted ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    await writer.write(items(1, next))
    await writer.close()
    expect((await readToTheEnd(reader)).map(({ n }) => n)).to.deep.equal(items(41).map(({ n }) => n))
    await reader.close()
    const { channelName } = channel
    expect(await committedOffset(broker(), `group.${channelName}`, channelName)).to.equal(
      await endOffset(broker(), channelName)
    )
  })

  it('C34: write with each codec that this build has', async () => {
    const reader = await channel.reader({ group })
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].filter(
      codec => codec === 'none' || native().rdkafka.features.includes(codec)
    )
    expect(codecs).to.include.members(['none', 'gzip', 'snappy', 'lz4'])
    for (const [i, codec] of codecs.entries()) {
      const producer = await plainProducer(broker(), { 'compression.codec': codec, 'linger.ms': 50 })
      for (const item of items(200, 200 * i)) producer.produce(channel.channelName, 0, framed(item))
      await new Promise<void>(resolve => producer.flush(20_000, () => resolve()))
      await new Promise<void>(resolve => producer.disconnect(() => resolve()))
    }
    expect(await readAll(reader, 200 * codecs.length)).to.deep.equal(items(200 * codecs.length).map(({ n }) => n))
  })
})

const cleaner = { 'log.cleaner.backoff.ms': '50', 'log.segment.delete.delay.ms': '100' }

onOwnBroker('a channel whose data topic is compacted', { properties: cleaner }, broker => {
  it('C15: is read over the gaps, in which each key has only its last record, and committed to its end', async () => {
    const config = {
      'cleanup.policy': 'compact',
      'segment.bytes': '1048576',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.01'
    }
    const channelName = await makeChannel(broker(), 1, config)
    const producer = await foreignProducer(broker())
    const send = (messages: { key: string; value: Buffer }[]): Promise<unknown> =>
      producer.send({ topic: channelName, messages, acks: -1 })
    const all = items(100)
    const message = (item: Item): { key: string; value: Buffer } => ({ key: String(item.n), value: framed(item) })
    await send(all.map(message))
    // Of these there are newer ones, in the end in segments that are closed: the newest is never compacted.
    const isCompacted = async (): Promise<boolean> => {
      await send(all.filter(({ n }) => n % 2 === 0).map(message))
      const [first, second] = await foreignReading(broker(), channelName, 2)
      return Number(second?.offset) - Number(first?.offset) > 1
    }
    await eventually(isCompacted, { timeoutMs: 60_000, waitedFor: 'the cleaner' })
    await producer.disconnect()
    const channel = new ChannelFixture(broker)
    const reader = await channel.reader({ channelName, group })
    const end = (await endOffset(broker(), channelName)) as number
    const last = new Map<number, string>()
    let [count, gaps, next] = [0, 0, 0]
    while (reader.position < end) {
      const { records, firstOffset, lastOffset } = await reader.read({ timeoutMs: 20_000, maxRecords: 50 })
      if (firstOffset > next || lastOffset - firstOffset + 1 > records.length) gaps++
      next = lastOffset + 1
      count += records.length
      for (const { n, text } of records) last.set(n, text)
    }
    await reader.commit()
    expect(gaps, 'gaps').to.be.above(0)
    expect(count, 'records').to.be.below(end)
    expect([...last.keys()].sort((a, b) => a - b)).to.deep.equal(items(100).map(({ n }) => n))
    expect(await reader.lag()).to.equal(0)
    expect(await committedOffset(broker(), `group.${channelName}`, channelName)).to.equal(end)
    await channel.close()
  })
})
