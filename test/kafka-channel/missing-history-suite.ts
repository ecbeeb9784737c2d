import { expect } from 'chai'
import { type KafkaChannelReader, OffsetOutOfRangeError, OffsetsExpiredError } from 'millrace'
import { FIRST_RENEW_MS } from '../../lib/kafka-channel/offset-renewal.js'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { deleteOffsets } from '../support/delete-offsets.js'
import { deleteRecords } from '../support/delete-records.js'
import { committedOffset, firstOffset } from '../support/raw.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'

const earliest = { onOffsetOutOfRange: 'earliest' } as const
const numbers = (count: number, first = 0): number[] => items(count, first).map(({ n }) => n)

const member = (index: number, size: number): { group: { name: string; index: number; size: number } } => ({
  group: { name: 'group', index, size }
})

/** Everything up to the end of the channel. */
async function readAll(readers: readonly KafkaChannelReader<Item>[]): Promise<number[]> {
  const read: number[] = []
  const readOne = async (reader: KafkaChannelReader<Item>): Promise<void> => {
    for await (const batch of reader.batches({ signal: AbortSignal.timeout(20_000) })) {
      read.push(...batch.records.map(({ n }) => n))
      await batch.done()
    }
  }
  await Promise.all(readers.map(readOne))
  return read.sort((a, b) => a - b)
}

/** @returns what would be done within `ms`, and not within half of it, by the only timer that `during` sets for then */
async function timersOf<Result>(
  ms: number,
  during: () => Promise<Result>
): Promise<{ result: Result; act: () => void }> {
  const acts: (() => void)[] = []
  const { setTimeout: real } = globalThis
  const watched = (act: () => void, delay = 0, ...rest: unknown[]): unknown => {
    if (delay > ms / 2 && delay <= ms) acts.push(act)
    return (real as (...all: unknown[]) => unknown)(act, delay, ...rest)
  }
  globalThis.setTimeout = Object.assign(watched, real) as typeof real
  try {
    const result = await during()
    expect(acts).to.have.length(1)
    return { result, act: acts[0] as () => void }
  } finally {
    globalThis.setTimeout = real
  }
}

/** A channel whose group is started more than once. */
class Runs extends ChannelFixture {
  /** Kafka's. */
  readonly group = `group.${this.channelName}`

  reopen(size: number, options = {}): Promise<KafkaChannelReader<Item>[]> {
    return Promise.all(Array.from({ length: size }, (_, index) => this.reader({ ...options, ...member(index, size) })))
  }

  /** Writes 30 records to a group, whose members read and commit 3 each; then all readers have closed. */
  async first(size: number): Promise<{ read: number[]; closeWriter: () => Promise<void> }> {
    const { readers, writer } = await this.open(size)
    await writer.write(items(30))
    await writer.flush()
    const read = (await Promise.all(readers.map(reader => readCount(reader, 3)))).flat().map(({ n }) => n)
    await Promise.all(readers.map(reader => reader.commit()))
    await Promise.all(readers.map(reader => reader.close()))
    return { read, closeWriter: () => writer.close() }
  }
}

export function missingHistorySuite(broker: BrokerUnderTest): void {
  let channel: Runs
  beforeEach(() => {
    channel = new Runs(broker)
  })
  afterEach(() => channel.close())

  it('a member and a group that come late begin at the beginning of a log that is whole', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(30))
    await writer.close()
    expect(await readAll(readers)).to.deep.equal(numbers(30))
    await readers[0]?.close()
    const late = await channel.reader({ group: { name: 'late', index: 0, size: 1 } })
    expect([late.position, late.lost]).to.deep.equal([0, 0])
    expect(await readAll([late])).to.deep.equal(numbers(30))
  })

  for (const [before, after] of [
    [3, 1],
    [3, 2],
    [2, 5]
  ] as const) {
    it(`a group of ${before} that is started again with ${after} reads what was not committed, once, and nothing else`, async function () {
      if (after > before) needs(this, broker(), 'add-partitions')
      const { read, closeWriter } = await channel.first(before)
      await closeWriter()
      const rest = numbers(30).filter(n => !read.includes(n))
      expect(await readAll(await channel.reopen(after))).to.deep.equal(rest)
    })
  }

  /** Has the first records removed before a reader came that commits. @returns where the log begins then */
  async function removeFirst(): Promise<number> {
    const { readers, writer } = await channel.open(1)
    await readers[0]?.close()
    await writer.write(items(30))
    // The embedded broker removes the oldest when there are more than it keeps.
    const large = Array.from({ length: 10 }, (_, i) => ({ n: 30 + i, text: 'x'.repeat(50_000) }))
    for (let i = 0; i < (broker().kind === 'embedded' ? 15 : 1); i++) {
      await writer.write(large)
      await writer.flush()
    }
    if (broker().kind !== 'embedded') await deleteRecords(broker(), channel.channelName, 0, 20)
    await writer.close()
    return (await firstOffset(broker(), channel.channelName)) as number
  }

  it('refuses a reader that comes for the first time to a log whose first records are gone', async () => {
    const first = await removeFirst()
    expect(first).to.be.above(0)
    const error = await rejection(channel.reader(member(0, 1)))
    expect(error).to.be.instanceOf(OffsetOutOfRangeError)
    expect(error).to.include({ code: 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE', topic: channel.channelName, offset: 0 })
    expect(error.message).to.contain('has committed nothing there').and.contain(`before offset ${first}`)
  })

  it('begins where the log does if that is what a first reader wants, and counts what is gone', async () => {
    const first = await removeFirst()
    const [reader] = (await channel.reopen(1, earliest)) as [KafkaChannelReader<Item>]
    expect([reader.position, reader.lost]).to.deep.equal([first, first])
    expect((await reader.read({ timeoutMs: 10_000, maxRecords: 1 })).firstOffset).to.equal(first)
    await reader.commit()
    await reader.close()
    const again = await channel.reader(member(0, 1))
    expect([again.position, again.lost]).to.deep.equal([first + 1, 0])
  })
}

/** What a broker has to be told to forget. */
export function expiredOffsetsSuite(broker: BrokerUnderTest): void {
  let channel: Runs
  beforeEach(() => {
    channel = new Runs(broker)
  })
  afterEach(() => channel.close())

  it('names what expired: a group that had committed does not begin anew without a word, whatever its size is now', async () => {
    const { closeWriter } = await channel.first(3)
    await deleteOffsets(broker(), channel.group)
    for (const size of [3, 1]) {
      const error = await rejection(channel.reader(member(0, size)))
      expect(error).to.be.instanceOf(OffsetsExpiredError)
      expect(error).to.include({ code: 'ERR_MILLRACE_OFFSETS_EXPIRED', topic: channel.channelName, partition: 0 })
      expect(error).to.include({ offset: 3, firstOffset: 0 })
      expect(error.message).to.contain(`the group ${channel.group} had committed`).and.contain('onOffsetOutOfRange')
      expect(error.message.includes('and 2 more of its partitions')).to.equal(size === 1)
    }
    // Another group has nothing to do with it, nor has it harmed the writer.
    expect((await channel.reader({ group: { name: 'other', index: 0, size: 1 } })).position).to.equal(0)
    await closeWriter()
  })

  it('reads again what the log has once it is told to, and goes on behind that after a restart', async () => {
    const { closeWriter } = await channel.first(2)
    await closeWriter()
    await deleteOffsets(broker(), channel.group)
    const readers = await channel.reopen(2, earliest)
    expect(readers.map(({ lost }) => lost)).to.deep.equal([0, 0])
    expect(await readAll(readers)).to.deep.equal(numbers(30))
    await Promise.all(readers.map(reader => reader.close()))
    expect((await channel.reopen(2)).map(({ position }) => position)).to.deep.equal([15, 15])
  })

  it('goes on behind what had been committed by a seek, and a commit alone settles where it begins', async () => {
    const { closeWriter } = await channel.first(1)
    await deleteOffsets(broker(), channel.group)
    const error = (await rejection(channel.reader(member(0, 1)))) as OffsetsExpiredError
    const [reader] = (await channel.reopen(1, earliest)) as [KafkaChannelReader<Item>]
    await reader.seek({ partition: error.partition, offset: error.offset })
    expect((await readCount(reader, 1))[0]).to.deep.equal(items(1, 3)[0])
    await reader.close()
    const [again] = (await channel.reopen(1, earliest)) as [KafkaChannelReader<Item>]
    await again.commit()
    expect(await committedOffset(broker(), channel.group, channel.channelName)).to.equal(0)
    await again.close()
    expect((await channel.reader(member(0, 1))).position).to.equal(0)
    await closeWriter()
  })

  it('says what is gone of a log whose first records were removed after its offsets had expired', async () => {
    const { closeWriter } = await channel.first(1)
    await deleteOffsets(broker(), channel.group)
    await deleteRecords(broker(), channel.channelName, 0, 10)
    expect(await rejection(channel.reader(member(0, 1)))).to.include({ offset: 3, firstOffset: 10 })
    const [reader] = (await channel.reopen(1, earliest)) as [KafkaChannelReader<Item>]
    expect([reader.position, reader.lost]).to.deep.equal([10, 7])
    await closeWriter()
    expect(await readAll([reader])).to.deep.equal(numbers(20, 10))
  })

  it('an open reader commits again what it has committed, also what Kafka has forgotten, and a closed one does not', async () => {
    const { result, act } = await timersOf(FIRST_RENEW_MS, () => channel.open(2))
    const { readers, writer } = result
    await writer.write(items(30))
    await writer.flush()
    await Promise.all(readers.map((reader, i) => readCount(reader, 3 + i)))
    await Promise.all(readers.map(reader => reader.commit()))
    await deleteOffsets(broker(), channel.group)
    const committed = (): Promise<unknown[]> =>
      Promise.all([0, 1].map(partition => committedOffset(broker(), channel.group, channel.channelName, partition)))
    expect(await committed()).to.deep.equal([-1, -1])
    act()
    const isRenewed = async (): Promise<boolean> => String(await committed()) === '3,4'
    await eventually(isRenewed, { timeoutMs: 10_000, waitedFor: 'the commits' })
    await Promise.all(readers.map(reader => reader.close()))
    await deleteOffsets(broker(), channel.group)
    act()
    const [again] = await channel.reopen(2, earliest)
    expect([again?.position, ...(await committed())]).to.deep.equal([0, -1, -1])
  })
}
