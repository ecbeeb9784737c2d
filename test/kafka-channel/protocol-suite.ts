import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { ChannelError, type KafkaChannelReader, KafkaChannelWriter, RecordType, SchemaError } from 'millrace'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, readCount, readToTheEnd } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { committedOffset, plainProducer } from '../support/raw.js'
import { rejection } from '../support/rejection.js'
import { channelTopics } from '../support/topic-names.js'

const created = { resources: 'create' } as const
const alone = { group: { name: 'group', index: 0, size: 1 } } as const

export function protocolSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  it('ends the batches of every member when all writers have stopped and everything is handed out', async () => {
    const { readers, writer } = await channel.open(3)
    const other = await channel.writer()
    const reading = Promise.all(readers.map(readToTheEnd))
    await writer.write(items(100))
    await writer.close()
    await other.write(items(100, 100))
    await other.close()
    const numbers = (await reading).flat().map(({ n }) => n)
    expect(numbers.sort((a, b) => a - b)).to.deep.equal(items(200).map(({ n }) => n))
  })

  it('says by name at read() that all is read', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(2))
    await writer.close()
    await readCount(reader, 2)
    const error = await rejection(reader.read({ timeoutMs: 10_000 }))
    expect(error).to.be.instanceOf(ChannelError).with.property('code', 'ERR_MILLRACE_END_OF_DATA')
  })

  it('is not finished while a writer is open, or one of those that it expects has not come', async () => {
    const { readers, writer } = await channel.open(1, { reader: { writers: 2 } })
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(1))
    await writer.close()
    await readCount(reader, 1)
    expect(await rejection(reader.read({ timeoutMs: 500 }))).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
    const second = await channel.writer()
    await second.write(items(1, 1))
    expect(await readCount(reader, 1)).to.deep.equal(items(1, 1))
    expect(await rejection(reader.read({ timeoutMs: 500 }))).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
    await second.close()
    expect(await rejection(reader.read({ timeoutMs: 10_000 }))).to.have.property('code', 'ERR_MILLRACE_END_OF_DATA')
  })

  it('finishes a member that got no record', async () => {
    const { readers, writer } = await channel.open(2)
    await writer.close()
    expect(await Promise.all(readers.map(readToTheEnd))).to.deep.equal([[], []])
  })

  it('deletes the topics when all members have committed everything and closed', async () => {
    const { readers, writer } = await channel.open(2, { reader: created })
    await writer.write(items(10))
    await writer.close()
    await Promise.all(readers.map(readToTheEnd))
    expect(await channelTopics(broker(), channel.channelName)).to.have.length(3)
    await Promise.all(readers.map(reader => reader.close()))
    expect(await channelTopics(broker(), channel.channelName)).to.deep.equal([])
    expect(readers.map(({ topicsKept }) => topicsKept)).to.deep.equal([undefined, undefined])
  })

  it('keeps the topics when a member has not committed, and the member reads on when it is opened again', async () => {
    const { readers, writer } = await channel.open(2, { reader: created })
    const [first, second] = readers as [KafkaChannelReader<Item>, KafkaChannelReader<Item>]
    await writer.write(items(10))
    await writer.close()
    await readToTheEnd(first)
    await readCount(second, 5)
    await second.close()
    await first.close({ timeoutMs: 1000 })
    expect(await channelTopics(broker(), channel.channelName)).to.have.length(3)
    expect(first.topicsKept).to.include(`all of ${channel.channelName} to be committed by its members`)
    expect(second.topicsKept, 'of one that is not to delete them').to.equal(undefined)
    const [one, two] = await Promise.all(
      [0, 1].map(index => channel.reader({ ...created, group: { name: 'group', index, size: 2 } }))
    )
    expect(await readToTheEnd(one as KafkaChannelReader<Item>)).to.deep.equal([])
    expect(await readToTheEnd(two as KafkaChannelReader<Item>)).to.have.length(5)
  })

  it('keeps the topics where they are not its own to delete, and when it is closed before the end', async () => {
    const { readers, writer } = await channel.open(1, { reader: created })
    await writer.write(items(10))
    await readCount(readers[0] as KafkaChannelReader<Item>, 10)
    await readers[0]?.commit()
    await readers[0]?.close()
    await writer.close()
    expect(await channelTopics(broker(), channel.channelName)).to.have.length(3)
    const reader = await channel.reader({ ...alone, resources: 'keep' })
    await readToTheEnd(reader)
    await reader.close()
    expect(await channelTopics(broker(), channel.channelName)).to.have.length(3)
  })

  it('C18: a writer that comes again under its name goes on, and its readers are not finished between', async () => {
    const { readers, writer } = await channel.open(1, { reader: { writers: 1 }, writer: { name: 'sensor' } })
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(5))
    await writer.close()
    const again = await channel.writer({ name: 'sensor' })
    await again.write(items(5, 5))
    await again.close()
    expect(await readToTheEnd(reader)).to.deep.equal(items(10))
  })

  it('shows the other ends by name, with their state and group', async () => {
    const { readers, writer } = await channel.open(2)
    const shown = writer.peers.map(({ role, name, groupSize }) => [role, name, groupSize])
    expect(shown).to.have.deep.members([
      ['reader', 'group', 2],
      ['reader', 'group.1', 2],
      ['writer', 'test', 1]
    ])
    expect(readers[0]?.peers.map(({ state }) => state)).to.include('Started')
  })

  it('refuses a member that was told another size than the principal announces, with both sizes', async () => {
    await channel.open(3)
    const error = await rejection(channel.reader({ name: 'other', group: { name: 'group', index: 1, size: 2 } }))
    expect(error).to.be.instanceOf(ChannelError).with.property('code', 'ERR_MILLRACE_GROUP_SIZE')
    expect(error.message).to.contain('has 2 members').and.contain('announces 3')
  })

  it('C44, C48: old records after an upgrade are read with the schema they were written with, also by a later reader', async () => {
    const upgraded = { ...itemSchema, fields: [...itemSchema.fields, { name: 'unit', type: 'string', default: 'mm' }] }
    const first = await channel.reader(alone)
    const old = await channel.writer({ name: 'sensor' })
    await old.write(items(3))
    await old.close()
    await first.close()
    const writer = await channel.writer({ name: 'sensor', schema: upgraded })
    await writer.write(items(3, 3).map(item => ({ ...item, unit: 'cm' })))
    await writer.close()
    const reader = await channel.reader({ ...alone, schema: upgraded })
    const read = (await readToTheEnd(reader)) as (Item & { unit: string })[]
    expect(read.map(({ n, unit }) => [n, unit])).to.deep.equal([
      [0, 'mm'],
      [1, 'mm'],
      [2, 'mm'],
      [3, 'cm'],
      [4, 'cm'],
      [5, 'cm']
    ])
  })

  it('C48: a reader that is open learns the schema of a writer that comes later', async () => {
    const { readers } = await channel.open(1)
    const renamed = { ...itemSchema, fields: [...itemSchema.fields, { name: 'more', type: 'long' }] }
    const writer = await channel.writer({ schema: renamed })
    await writer.write(items(3).map(item => ({ ...item, more: 1 })))
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 3)).to.deep.equal(items(3))
  })

  it('C44: fails at open, with both schemas named, where a writer’s cannot be read as the reader’s', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(1))
    await readers[0]?.close()
    const schema = {
      ...itemSchema,
      fields: [
        { name: 'n', type: 'long' },
        { name: 'place', type: 'string' }
      ]
    }
    const error = await rejection(channel.reader({ ...alone, schema }))
    expect(error).to.be.instanceOf(SchemaError).with.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
    expect(error.message).to.contain('place')
  })

  it('C40: a symbol that the reader lacks becomes its default; without one the reader fails at open and names it', async () => {
    const level = (symbols: string[], more = {}): object => ({ type: 'enum', name: 'Level', symbols, ...more })
    const schemaOf = (type: object): object => ({ type: 'record', name: 'Item', fields: [{ name: 'level', type }] })
    const schema = schemaOf(level(['low', 'high', 'extreme']))
    const [first, writer] = await Promise.all([channel.reader({ ...alone, schema }), channel.writer({ schema })])
    const levels = ['extreme', 'high', 'low'].map(symbol => ({ level: symbol }) as unknown as Item)
    await writer.write(levels)
    await writer.close()
    await first.close()
    const error = await rejection(channel.reader({ ...alone, schema: schemaOf(level(['high', 'low'])) }))
    expect(error).to.be.instanceOf(SchemaError).with.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
    expect(error.message).to.contain('extreme')
    const withDefault = schemaOf(level(['high', 'low'], { default: 'high' }))
    const reader = await channel.reader({ ...alone, schema: withDefault })
    const read = await readCount(reader, 3)
    expect(read).to.deep.equal(['high', 'high', 'low'].map(symbol => ({ level: symbol })))
  })

  it('leaves the writers well when a reader cannot open, and the reader says that it has left', async () => {
    const { writer } = await channel.open(1)
    const schema = { type: 'record', name: 'Item', fields: [{ name: 'place', type: 'string' }] }
    await rejection(channel.reader({ group: { name: 'other', index: 0, size: 1 }, schema }))
    await eventually(() => writer.peers.some(({ name, state }) => name === 'other' && state === 'Closed'), {
      timeoutMs: 10_000,
      waitedFor: 'the reader to have left'
    })
    await writer.write(items(5))
    await writer.flush()
    expect(writer.counts.acknowledged).to.equal(5)
  })

  it('C50: passes over what is no status message, as the very last of the log too', async () => {
    const { readers, writer } = await channel.open(1)
    const producer = await plainProducer(broker())
    for (const side of ['input', 'output']) {
      producer.produce(`${channel.channelName}.${side}.state`, 0, Buffer.from('{'), 'x.state.Opened')
      producer.produce(`${channel.channelName}.${side}.state`, 0, null, 'y.state.Closed')
    }
    await new Promise<void>(resolve => producer.flush(10_000, () => resolve()))
    await new Promise<void>(resolve => producer.disconnect(() => resolve()))
    const late = await channel.writer()
    await Promise.all([writer.write(items(5)), late.write(items(5, 5))])
    await Promise.all([writer.close(), late.close()])
    expect(await readToTheEnd(readers[0] as KafkaChannelReader<Item>)).to.have.length(10)
  })

  it('C50: a writer announces its schema over what somebody else has put under its fingerprint', async () => {
    const upgraded = { ...itemSchema, fields: [...itemSchema.fields, { name: 'unit', type: 'string', default: 'mm' }] }
    const reader = await channel.reader({ ...created, schema: upgraded })
    const key = `schema.${RecordType.of(itemSchema).fingerprint}`
    const producer = await plainProducer(broker())
    for (const text of ['"string"', '{']) {
      producer.produce(`${channel.channelName}.output.state`, 0, Buffer.from(text), key)
    }
    await new Promise<void>(resolve => producer.flush(10_000, () => resolve()))
    await new Promise<void>(resolve => producer.disconnect(() => resolve()))
    const writer = await channel.writer()
    await writer.write(items(5))
    await writer.close()
    expect(await readToTheEnd(reader)).to.deep.equal(items(5).map(item => ({ ...item, unit: 'mm' })))
  })

  it('C51: an open reader notices that its topics are gone, by name; one that is opened later begins the new ones anew', async function () {
    needs(this, broker(), 'recreate-topics')
    const { readers, writer } = await channel.open(1, { reader: created })
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(1000))
    await writer.flush()
    await readCount(reader, 500)
    await reader.commit()
    await channel.deleteTopics()
    const error = await rejection(readCount(reader, 10_000))
    expect(error).to.have.property('code', 'ERR_MILLRACE_TOPIC_REPLACED')
    await Promise.all([reader.close(), rejection(writer.close())])
    const group = `group.${channel.channelName}`
    const second = await channel.open(1, { reader: created })
    expect(await committedOffset(broker(), group, channel.channelName)).to.be.oneOf([-1, 500])
    await second.writer.write(items(600))
    await second.writer.close()
    expect(await readToTheEnd(second.readers[0] as KafkaChannelReader<Item>)).to.deep.equal(items(600))
  })

  it('C52: a channel is deleted and opened again under its name, in a row', async function () {
    needs(this, broker(), 'recreate-topics')
    for (let round = 0; round < 5; round++) {
      const { readers, writer } = await channel.open(2, { reader: created })
      await writer.write(items(10, 10 * round))
      await writer.close()
      const read = (await Promise.all(readers.map(readToTheEnd))).flat()
      expect(read.map(({ n }) => n).sort((a, b) => a - b)).to.deep.equal(items(10, 10 * round).map(({ n }) => n))
      await Promise.all(readers.map(reader => reader.close()))
    }
  })

  it('sends records of equal keys to the same member', async () => {
    const { readers, writer } = await channel.open(3, {
      writer: { partitionBy: ({ n }) => n % 5 }
    })
    await writer.write(items(100))
    await writer.close()
    const keys = (await Promise.all(readers.map(readToTheEnd))).map(read => new Set(read.map(({ n }) => n % 5)))
    expect(keys.reduce((sum, { size }) => sum + size, 0)).to.equal(5)
  })

  it('gives every member all records in group mode', async () => {
    const mode = { groupMode: true }
    const { readers, writer } = await channel.open(3, { reader: mode })
    await writer.write(items(20))
    await writer.close()
    for (const read of await Promise.all(readers.map(readToTheEnd))) expect(read).to.deep.equal(items(20))
  })

  it('a smaller group reads what the larger one left, and its writers fill only its partitions', async () => {
    const { readers, writer } = await channel.open(3)
    await writer.write(items(9))
    await writer.close()
    await Promise.all(readers.map(reader => reader.close()))
    const reader = await channel.reader(alone)
    const another = await channel.writer()
    await another.write(items(6, 9))
    await another.close()
    const read = await readToTheEnd(reader)
    expect(read.map(({ n }) => n).sort((a, b) => a - b)).to.deep.equal(items(15).map(({ n }) => n))
  })

  it('waits for topics that its principal makes, with a deadline that says so', async () => {
    const options = { ...channel.common, channelName: `test.${randomUUID()}`, timeoutMs: 500 }
    const error = await rejection(KafkaChannelWriter.open<Item>(options))
    expect(error.message).to.contain('waited 500 ms for the topic').and.contain('principal')
  })
}
