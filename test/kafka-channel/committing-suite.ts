import { expect } from 'chai'
import type { KafkaChannelReader } from 'millrace'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { deleteRecords } from '../support/delete-records.js'
import { eventually } from '../support/eventually.js'
import { committedOffset, endOffset, firstOffset, kafkaCall, plainProducer, setCommitted } from '../support/raw.js'
import { readAndDie } from '../support/read-and-die.js'
import { rejection } from '../support/rejection.js'

export function committingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  let group: string
  beforeEach(() => {
    channel = new ChannelFixture(broker)
    group = `group.${channel.channelName}`
  })
  afterEach(() => channel.close())

  async function reopened(reader: KafkaChannelReader<Item>): Promise<KafkaChannelReader<Item>> {
    await reader.close()
    return await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
  }

  it('begins behind the last commit after a restart, and at the beginning without one', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(100))
    let [reader] = readers as [KafkaChannelReader<Item>]
    await readCount(reader, 30)
    reader = await reopened(reader)
    expect((await readCount(reader, 40))[0]).to.deep.equal(items(1)[0])
    await reader.commit()
    reader = await reopened(reader)
    expect(reader.position).to.equal(40)
    expect((await readCount(reader, 60))[0]).to.deep.equal(items(1, 40)[0])
  })

  it('C11: committing before anything is read, or twice, leaves the committed offset as it was', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(20))
    await writer.flush()
    let [reader] = readers as [KafkaChannelReader<Item>]
    await reader.commit()
    await reader.commit()
    await reader.close()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(-1)
    await setCommitted(broker(), group, channel.channelName, 7)
    reader = await reopened(reader)
    await reader.commit()
    await reader.close()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(7)
    reader = await reopened(reader)
    await readCount(reader, 3)
    await reader.commit()
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(10)
  })

  it('C13: a commit covers what had been handed out when it was called, not what is read while it is on its way', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(1000))
    await writer.flush()
    let [reader] = readers as [KafkaChannelReader<Item>]
    await readCount(reader, 10)
    const committing = reader.commit()
    await readCount(reader, 500)
    await committing
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(10)
    reader = await reopened(reader)
    expect((await readCount(reader, 1))[0]).to.deep.equal(items(1, 10)[0])
  })

  it('a member that is opened again does not commit where it stood before, if it reads nothing', async () => {
    const { readers, writer } = await channel.open(2)
    await writer.write(items(200))
    await writer.flush()
    let reader = readers[0] as KafkaChannelReader<Item>
    for (let round = 0; round < 10; round++) {
      await readCount(reader, 50)
      await reader.close()
      await setCommitted(broker(), group, channel.channelName, 3)
      reader = await channel.reader({ group: { name: 'group', index: 0, size: 2 } })
      // A look at the queue, mostly before anything can have come.
      const next = await reader.read({ timeoutMs: 1, maxRecords: 1 }).then(
        batch => batch.lastOffset + 1,
        () => 3
      )
      await reader.commit()
      expect(await committedOffset(broker(), group, channel.channelName), `round ${round}`).to.equal(next)
    }
  })

  it('batch.done() commits up to that batch, and never back', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(30))
    await writer.flush()
    const [reader] = readers as [KafkaChannelReader<Item>]
    const [first, second] = [await reader.read({ maxRecords: 5 }), await reader.read({ maxRecords: 5 })]
    await first.done()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(first.lastOffset + 1)
    await second.done()
    await first.done()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(second.lastOffset + 1)
  })

  it('members that commit at once each get their own offset committed', async () => {
    const { readers, writer } = await channel.open(8)
    await writer.write(items(80))
    await writer.flush()
    await Promise.all(readers.map((reader, i) => readCount(reader, i + 1)))
    await Promise.all(readers.map(reader => reader.commit()))
    const offsets = await Promise.all(
      readers.map((_, partition) => committedOffset(broker(), group, channel.channelName, partition))
    )
    expect(offsets).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('C12: rejects by name when a committed offset is no longer in the log, now and at each further read', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(10))
    await writer.flush()
    await readers[0]?.close()
    await setCommitted(broker(), group, channel.channelName, 1000)
    const reader = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
    for (let i = 0; i < 2; i++) {
      const error = await rejection(reader.read({ timeoutMs: 10_000 }))
      expect(error).to.include({ code: 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE', partition: 0, offset: 1000 })
    }
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(1000)
  })

  /** Commits at 100 of 1,000 records, and has those below an offset removed. @returns that offset */
  async function leaveGap(): Promise<number> {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(1000))
    await writer.flush()
    await readCount(reader, 100)
    await reader.commit()
    await reader.close()
    if (broker().kind !== 'embedded') {
      await deleteRecords(broker(), channel.channelName, 0, 500)
      return 500
    }
    // The oldest go when there are more than it keeps.
    const large = Array.from({ length: 10 }, (_, i) => ({ n: 1000 + i, text: 'x'.repeat(50_000) }))
    for (let i = 0; i < 20; i++) {
      await writer.write(large)
      await writer.flush()
    }
    return (await firstOffset(broker(), channel.channelName)) as number
  }

  it('C12: stops in front of records that were removed before they were read, now and at each further read', async () => {
    await leaveGap()
    const reader = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
    for (let i = 0; i < 2; i++) {
      const error = await rejection(reader.read({ timeoutMs: 10_000 }))
      expect(error).to.include({ code: 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE', partition: 0, offset: 100 })
    }
    expect([reader.position, reader.lost]).to.deep.equal([100, 0])
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(100)
  })

  it('C12: with earliest it goes on where the log begins now, tells exactly how many are gone, and commits behind them', async () => {
    const first = await leaveGap()
    expect(first).to.be.above(100)
    const options = { group: { name: 'group', index: 0, size: 1 }, onOffsetOutOfRange: 'earliest' } as const
    let reader = await channel.reader(options)
    const batch = await reader.read({ timeoutMs: 10_000, maxRecords: 7 })
    expect([batch.firstOffset, reader.lost, reader.position]).to.deep.equal([first, first - 100, first + 7])
    if (first < 1000) expect(batch.records).to.deep.equal(items(7, first))
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(first + 7)
    await reader.close()
    reader = await channel.reader(options)
    expect((await reader.read({ timeoutMs: 10_000 })).firstOffset).to.equal(first + 7)
    expect(reader.lost).to.equal(0)
  })

  it('C12: with earliest, a seek in front of the log is passed as well, and one beyond its end stays an error', async () => {
    const first = await leaveGap()
    const options = { group: { name: 'group', index: 0, size: 1 }, onOffsetOutOfRange: 'earliest' } as const
    const reader = await channel.reader(options)
    // While the gap is looked at, or after it.
    await reader.seek({ offset: 3 })
    const batch = await reader.read({ timeoutMs: 10_000 })
    expect([batch.firstOffset, reader.lost]).to.deep.equal([first, first - 3])
    await reader.seek({ offset: 1_000_000 })
    for (let i = 0; i < 2; i++) {
      const error = await rejection(reader.read({ timeoutMs: 10_000 }))
      expect(error).to.include({ code: 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE', offset: 1_000_000 })
    }
    await reader.seek({ offset: first })
    expect((await reader.read({ timeoutMs: 10_000 })).firstOffset).to.equal(first)
    expect(reader.lost).to.equal(first - 3)
  })

  for (const [transactions, size] of [
    [1, 100],
    [10, 1]
  ] as const) {
    it(`C15: counts transaction markers as read and committed: ${transactions} × ${size} records`, async function () {
      needs(this, broker(), 'transactions')
      const plain = { encoding: 'plain' } as const
      const { readers } = await channel.open(1, { reader: plain, writer: plain })
      const [reader] = readers as [KafkaChannelReader<Item>]
      const producer = await plainProducer(broker(), { 'transactional.id': channel.channelName })
      await kafkaCall(done => producer.initTransactions(10_000, done))
      for (let i = 0; i < transactions; i++) {
        await kafkaCall(done => producer.beginTransaction(done))
        // An Item in plain encoding: n as a long, and an empty text.
        for (let n = 0; n < size; n++) producer.produce(channel.channelName, 0, Buffer.from([n % 64, 0]))
        await kafkaCall(done => producer.commitTransaction(10_000, done))
      }
      await new Promise<void>(resolve => producer.disconnect(() => resolve()))
      const end = await endOffset(broker(), channel.channelName)
      expect(end).to.equal(transactions * (size + 1))
      expect(await readCount(reader, transactions * size)).to.have.length(transactions * size)
      // The last marker comes behind the last record, so somebody must go on looking, as a loop does.
      const looking = new AbortController()
      const more = rejection(reader.read({ signal: looking.signal }))
      const isRead = async (): Promise<boolean> => (await reader.lag()) === 0
      await eventually(isRead, { timeoutMs: 2000, waitedFor: 'a lag of 0' }).finally(() => looking.abort())
      expect(await more).to.have.property('name', 'AbortError')
      expect(reader.position).to.equal(end)
      await reader.commit()
      expect(await committedOffset(broker(), group, channel.channelName)).to.equal(end)
    })
  }

  it('C13, C14: a member that is killed with half of a drain handed out begins at its last commit, at no other', async function () {
    needs(this, broker(), 'other-processes')
    const { readers, writer } = await channel.open(1)
    await writer.write(items(1000))
    await writer.flush()
    await readers[0]?.close()
    for (const [mode, next] of [
      // Without a commit all of it comes again; with one, what was handed out after it.
      ['none', 0],
      ['first', 10],
      ['none', 10]
    ] as const) {
      await readAndDie(broker().bootstrapServers, channel.channelName, mode)
      const reader = await channel.reader({ group: { name: 'group', index: 0, size: 1 } })
      expect(await readCount(reader, 5), mode).to.deep.equal(items(5, next))
      await reader.close()
    }
  })
}
