import { expect } from 'chai'
import { KafkaChannelReader, KafkaChannelWriter, TimeoutError, WriteError } from 'millrace'
import { apiKey, EmbeddedBroker } from 'millrace/testing'
import { freePorts } from '../../lib/broker/free-ports.js'
import { onEmbeddedBroker } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, readCount } from '../support/channel-fixture.js'
import { committedOffset, endOffset, setCommitted, within } from '../support/raw.js'
import { eventually } from '../support/eventually.js'
import { readAndDie } from '../support/read-and-die.js'
import { rejection } from '../support/rejection.js'

const NOT_COORDINATOR = 16
const REQUEST_TIMED_OUT = 7
const NOT_LEADER = 6
const TOPIC_AUTHORIZATION_FAILED = 29

onEmbeddedBroker('Kafka channel: faults', broker => {
  let channel: ChannelFixture
  let group: string
  let looks = 0
  beforeEach(() => {
    channel = new ChannelFixture(broker)
    group = `group.${channel.channelName}`
  })
  afterEach(async () => {
    for (const key of Object.values(apiKey)) broker().clearErrors(key)
    broker().setBrokerUp(1, true)
    broker().setRoundTripTime(1, 0)
    await channel.close()
  })

  it('opens at the committed offset though the coordinator moves while it is asked for', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(10))
    await writer.flush()
    await readers[0]?.close()
    await setCommitted(broker(), group, channel.channelName, 4)
    broker().injectErrors(apiKey.offsetFetch, [NOT_COORDINATOR, NOT_COORDINATOR, NOT_COORDINATOR])
    const reader = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
    expect((await readCount(reader, 1))[0]).to.deep.equal(items(1, 4)[0])
  })

  it('a commit goes through though the coordinator answers "not me" several times', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await readCount(reader, 5)
    broker().injectErrors(apiKey.offsetCommit, [NOT_COORDINATOR, NOT_COORDINATOR, NOT_COORDINATOR])
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(5)
  })

  it('an error of a fetch behind records moves no commit past the record that comes next', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await writer.flush()
    // Both stand in the queue: the other nine, which came with the first, and the error behind them.
    expect(await readCount(reader, 1, 1)).to.deep.equal(items(1))
    broker().injectErrors(apiKey.fetch, Array<number>(20).fill(TOPIC_AUTHORIZATION_FAILED))
    await eventually(() => reader.partitions.length === 1 && ++looks > 60, { timeoutMs: 5000, waitedFor: 'the error' })
    expect(await readCount(reader, 9)).to.deep.equal(items(9, 1))
    expect(reader.position).to.equal(10)
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(10)
    broker().clearErrors(apiKey.fetch)
    await writer.write(items(2, 10))
    const rest: Item[] = []
    while (rest.length < 2) {
      // The errors come out of it, each once, as what they are.
      await reader.read({ timeoutMs: 10_000 }).then(
        ({ records }) => rest.push(...records),
        (error: unknown) => expect(error).to.have.property('kafkaCode', TOPIC_AUTHORIZATION_FAILED)
      )
    }
    expect(rest).to.deep.equal(items(2, 10))
  })

  it('C13: a slow commit covers what was handed out before it, though reading goes on meanwhile', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(1000))
    await writer.flush()
    await readCount(reader, 10)
    broker().injectDelayedErrors(1, apiKey.offsetCommit, [{ code: 0, delayMs: 500 }])
    let isCommitted = false
    const committing = reader.commit().then(() => (isCommitted = true))
    await readCount(reader, 500)
    expect(isCommitted).to.equal(false)
    await committing
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(10)
  })

  it('C13: a member that is killed while a commit is on its way begins behind what the commit covered', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(1000))
    await writer.flush()
    await readers[0]?.close()
    // The broker takes the commit; its answer would come long after the end of the process.
    broker().injectDelayedErrors(1, apiKey.offsetCommit, [{ code: 0, delayMs: 60_000 }])
    await readAndDie(broker().bootstrapServers, channel.channelName, 'in-flight', async () => {
      const isTaken = async (): Promise<boolean> => (await committedOffset(broker(), group, channel.channelName)) === 10
      await eventually(isTaken, { timeoutMs: 10_000, waitedFor: 'the commit to be taken' })
    })
    const reader = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
    expect(await readCount(reader, 5)).to.deep.equal(items(5, 10))
  })

  it('a commit without an answer rejects at its deadline, and the next one goes through', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await readCount(reader, 5)
    broker().injectDelayedErrors(1, apiKey.offsetCommit, [{ code: 0, delayMs: 1000 }])
    const error = await rejection(reader.commit({ timeoutMs: 100 }))
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain('commit of offset 5')
    await readCount(reader, 2)
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(7)
  })

  it('keeps the order and loses nothing though requests fail and are tried again', async () => {
    const { readers, writer } = await channel.open(2)
    const reading = Promise.all(readers.map(reader => readCount(reader, 2500)))
    for (let i = 0; i < 50; i++) {
      if (i % 5 === 0) broker().injectErrors(apiKey.produce, [REQUEST_TIMED_OUT, NOT_LEADER])
      await writer.write(items(100, 100 * i))
    }
    await writer.flush()
    expect(writer.counts).to.deep.equal({ acknowledged: 5000, failed: 0, unknown: 0 })
    for (const records of await reading) {
      expect(new Set(records.slice(1).map(({ n }, i) => n - (records[i] as Item).n))).to.deep.equal(new Set([2]))
    }
  })

  it('C17: no offset or lag below 0 leaves the reader, whether it knows them or not', async () => {
    const { readers, writer } = await channel.open(2)
    const lags = (): Promise<(number | null)[]> => Promise.all(readers.map(reader => reader.lag({ timeoutMs: 300 })))
    const state = async (): Promise<unknown[]> => [readers.map(one => [one.position, one.skipped]), await lags()]
    // Right after open; committed without anything read; with one partition empty; behind a seek; the broker down.
    const seen: unknown[] = [await state(), writer.counts]
    await Promise.all(readers.map(one => one.commit()))
    await writer.write(items(1))
    await writer.flush()
    const [full, empty] = (await lags())[0] === 1 ? readers : readers.toReversed()
    if (!full || !empty) throw new Error('there are two readers')
    const batch = await full.read({ timeoutMs: 10_000 })
    seen.push(batch, await state())
    await full.commit()
    await full.seek({ offset: 0 })
    seen.push(await state())
    broker().setBrokerUp(1, false)
    expect(await lags()).to.deep.equal([null, null])
    seen.push(await state(), await rejection(empty.read({ timeoutMs: 100 })))
    expect(JSON.stringify(seen)).to.not.match(/[:[,]-\d/)
  })

  it('C16: goes on by itself when the broker was away', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await writer.flush()
    expect(await readCount(reader, 10)).to.have.length(10)
    broker().setBrokerUp(1, false)
    await writer.write(items(10, 10))
    expect(await rejection(reader.read({ timeoutMs: 300 }))).to.be.instanceOf(TimeoutError)
    broker().setBrokerUp(1, true)
    await writer.flush({ timeoutMs: 30_000 })
    expect(await readCount(reader, 10)).to.deep.equal(items(10, 10))
  })

  it('lag is null, not a guess, while no broker answers', async () => {
    const { readers } = await channel.open(1)
    broker().setBrokerUp(1, false)
    expect(await readers[0]?.lag({ timeoutMs: 500 })).to.equal(null)
  })

  it('write waits while the bounded buffer is full, and goes on by itself', async () => {
    const { writer } = await channel.open(1, { writer: { writeBufferBytes: 64 * 1024 } })
    broker().setRoundTripTime(1, 300)
    const text = 'x'.repeat(1000)
    await writer.write(items(50).map(({ n }) => ({ n, text })))
    let isTaken = false
    const second = writer.write(items(50).map(({ n }) => ({ n, text }))).then(() => (isTaken = true))
    await Promise.resolve()
    expect(isTaken).to.equal(false)
    expect(writer.counts.acknowledged).to.equal(0)
    await second
    expect(writer.counts.acknowledged).to.be.above(0)
  })

  it('a record that cannot be delivered fails its writer, with each record counted once', async () => {
    const { writer } = await channel.open(1, {
      writer: { channelConfig: { 'message.timeout.ms': 1000 }, writeBufferBytes: 64 * 1024 }
    })
    await writer.write(items(5))
    await writer.flush()
    broker().setBrokerUp(1, false)
    const text = 'x'.repeat(1000)
    const waiting = rejection(writer.write(items(200).map(({ n }) => ({ n, text }))))
    const error = (await rejection(writer.flush({ timeoutMs: 20_000 }))) as WriteError
    expect(error).to.be.instanceOf(WriteError)
    expect(error.acknowledged).to.equal(5)
    expect(error.failed + error.unknown).to.equal(200)
    expect(await waiting).to.be.instanceOf(WriteError)
    expect(await rejection(writer.write(items(1)))).to.be.instanceOf(WriteError)
    expect(await rejection(writer.close())).to.be.instanceOf(WriteError)
  })

  it('C19: every call ends at its deadline, with what it waited for, while a broker takes requests and answers none', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await readCount(reader, 10)
    broker().setRoundTripTime(1, 120_000)
    await writer.write(items(10))
    const timeoutMs = 500
    const ends = await within(15_000).wait(
      Promise.all([
        rejection(writer.flush({ timeoutMs })),
        rejection(reader.commit({ timeoutMs })),
        rejection(reader.read({ timeoutMs })),
        reader.lag({ timeoutMs }),
        rejection(channel.reader({ clientId: 'another', timeoutMs })),
        rejection(channel.writer({ clientId: 'another', timeoutMs }))
      ]),
      'all of them'
    )
    const [flush, commit, read, lag, ...opens] = ends
    expect(flush.message).to.contain('waited 500 ms for the acknowledgement of 10 records')
    expect(commit.message).to.contain('waited 500 ms for the commit of offset 10')
    expect(read.message).to.contain('waited 500 ms for records of')
    expect(lag).to.equal(null)
    for (const error of opens) expect(error.message).to.contain('waited 500 ms for a broker at')
    const closing = Promise.all([reader.close({ timeoutMs }), rejection(writer.close({ timeoutMs }))])
    const [, closed] = await within(15_000).wait(closing, 'both to be closed')
    expect(closed).to.include({ code: 'ERR_MILLRACE_WRITE_FAILED', acknowledged: 10 })
  })

  it('close of a reader keeps its deadline though a commit gets no answer, and the member can be opened again', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await readCount(reader, 10)
    broker().setBrokerUp(1, false)
    const committing = rejection(reader.commit())
    await within(5000).wait(reader.close({ timeoutMs: 200 }), 'close')
    expect(await committing).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
    broker().setBrokerUp(1, true)
    const again = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
    expect(again.partitions).to.deep.equal([0])
  })

  it('a writer that waits for room in the queue of all goes on when the records of another failed in it', async () => {
    const channelConfig = {
      'queue.buffering.max.messages': 100,
      'message.timeout.ms': 2000,
      'reconnect.backoff.max.ms': 100
    }
    const { readers, writer } = await channel.open(1, { writer: { channelConfig } })
    const other = await channel.writer({ channelConfig })
    broker().setBrokerUp(1, false)
    await writer.write(items(100))
    const waiting = other.write(items(300))
    expect(await rejection(writer.flush())).to.be.instanceOf(WriteError)
    broker().setBrokerUp(1, true)
    await within(30_000).wait(Promise.all([waiting, other.flush()]), 'the writer that waited')
    expect(other.counts).to.deep.equal({ acknowledged: 300, failed: 0, unknown: 0 })
    await readers[0]?.close()
  })

  it('a writer whose leader is away holds back only itself, not the others on its client', async () => {
    const two = new EmbeddedBroker({ brokers: 2 })
    for (const [topic, leader] of [
      ['away', 1],
      ['here', 2]
    ] as const) {
      for (const name of [topic, `${topic}.input.state`, `${topic}.output.state`]) {
        two.createTopic(name, 1)
        two.setLeader(name, 0, name === topic ? leader : 2)
      }
    }
    const open = (channelName: string): Promise<KafkaChannelWriter<Item>> =>
      KafkaChannelWriter.open<Item>({
        location: two.bootstrapServers,
        channelName,
        schema: itemSchema,
        writeBufferBytes: 256 * 1024
      })
    const [away, here] = await Promise.all([open('away'), open('here')])
    await Promise.all([away.write(items(1)), here.write(items(1))])
    await Promise.all([away.flush(), here.flush()])
    two.setBrokerUp(1, false)
    const text = 'x'.repeat(1000)
    const large = items(500).map(({ n }) => ({ n, text }))
    const blocked = rejection(away.write(large))
    for (let i = 0; i < 10; i++) await within(10_000).wait(here.write(large), 'the other writer')
    await within(10_000).wait(here.flush(), 'the other writer')
    expect(here.counts).to.deep.equal({ acknowledged: 5001, failed: 0, unknown: 0 })
    expect(away.counts.acknowledged).to.equal(1)
    await rejection(away.close({ timeoutMs: 100 }))
    expect(await blocked).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
    await here.close()
    await two.close()
  })

  it('close with a deadline rejects in time with the records that are not acknowledged, and none is counted twice', async () => {
    const { writer } = await channel.open(1)
    await writer.write(items(5))
    await writer.flush()
    broker().setBrokerUp(1, false)
    await writer.write(items(100))
    const error = (await rejection(writer.close({ timeoutMs: 500 }))) as WriteError
    expect(error).to.be.instanceOf(WriteError)
    expect(error.acknowledged).to.equal(5)
    expect(error.failed + error.unknown).to.equal(100)
    const { acknowledged, failed, unknown } = writer.counts
    expect(acknowledged + failed + unknown).to.equal(105)
  })

  it('records that the broker dropped before they were read are a loud error, never a jump', async () => {
    const { writer, readers } = await channel.open(1)
    await readers[0]?.close()
    const text = 'x'.repeat(10_000)
    for (let i = 0; i < 8; i++) await writer.write(items(100).map(({ n }) => ({ n, text })))
    await writer.flush()
    expect(await endOffset(broker(), channel.channelName)).to.equal(800)
    await setCommitted(broker(), group, channel.channelName, 1)
    const reader = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
    const error = await rejection(reader.read({ timeoutMs: 10_000 }))
    expect(error).to.include({ code: 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE', offset: 1 })
  })
})

describe('Kafka channel: no broker', () => {
  const options = { channelName: 'any', schema: itemSchema }

  it('C21: open says at its deadline which address could not be reached, and why', async () => {
    const [port] = await freePorts(1)
    const location = `127.0.0.1:${port}`
    for (const opening of [
      KafkaChannelReader.open({ ...options, location, timeoutMs: 1000 }),
      KafkaChannelWriter.open({ ...options, location, timeoutMs: 1000 })
    ]) {
      const error = await rejection(opening)
      expect(error.message)
        .to.contain(location)
        .and.match(/refused/i)
    }
  })

  it('C21: open works as soon as the broker comes', async () => {
    const late = new EmbeddedBroker()
    late.setBrokerUp(1, false)
    const opening = KafkaChannelReader.open({ ...options, location: late.bootstrapServers, timeoutMs: 20_000 })
    late.setBrokerUp(1, true)
    const reader = await opening
    await reader.close()
    await late.close()
  })
})
