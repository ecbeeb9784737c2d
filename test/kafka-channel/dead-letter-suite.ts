import { expect } from 'chai'
import { DeadLetterError, type KafkaChannelReader, RecordType, TimeoutError, UndecodableRecordError } from 'millrace'
import { apiKey, type EmbeddedBroker } from 'millrace/testing'
import type { Message, OutgoingMessage } from '../../lib/kafka/index.js'
import type { BrokerUnderTest } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, readCount } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { append, replay } from '../support/messages.js'
import { committedOffset, endOffset } from '../support/raw.js'
import { rejection } from '../support/rejection.js'
import { setTopicConfig } from '../support/topic-config.js'

const type = RecordType.of<Item>(itemSchema)
const header = Buffer.concat([Buffer.from([0xc3, 1]), Buffer.from(type.fingerprint, 'hex').reverse()])

const NOT_ENOUGH_REPLICAS = 19

const RECORDS = 1000
const isBad = (i: number): boolean => [0, 1, 499, 500, 999].includes(i) || (i >= 600 && i < 700)
const badOffsets = Array.from({ length: RECORDS }, (_, i) => i).filter(isBad)
const goodItems = items(RECORDS).filter(({ n }) => !isBad(n))

const good = (item: Item): OutgoingMessage => ({
  key: null,
  value: Buffer.concat([header, type.encode(item)]),
  headers: []
})
const bad = (i: number, size = 0): OutgoingMessage => ({
  key: Buffer.from(`key ${i}`),
  value: Buffer.from(`bad ${i}`.padEnd(size, 'x')),
  headers: [
    ['from', Buffer.from(`sensor ${i}`)],
    ['reason', Buffer.from('its own')]
  ]
})

/** What a letter says of where its record stood. */
function headersOf({ headers }: Message): Record<string, string> {
  return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]))
}
const offsetOf = (letter: Message): number => Number(headersOf(letter)['millrace.offset'])

/** Reads, so far as that goes within a moment. */
async function readOn(reader: KafkaChannelReader<Item>): Promise<Item[]> {
  const read: Item[] = []
  for (;;) {
    const batch = await reader.read({ timeoutMs: 300 }).catch((error: unknown) => error as Error)
    if (batch instanceof TimeoutError) return read
    if (batch instanceof Error) throw batch
    read.push(...batch.records)
  }
}

interface TwoRuns {
  readonly first: KafkaChannelReader<Item>
  readonly second: KafkaChannelReader<Item>
  readonly read: readonly Item[]
}

class Poisoned extends ChannelFixture {
  readonly group = { name: 'group', index: 0, size: 1 }
  readonly deadLetters = `${this.channelName}.dead`

  /** A channel with records of which some are bad. */
  async fill(): Promise<void> {
    await (await this.reader({ group: this.group })).close()
    const messages = items(RECORDS).map(item => (isBad(item.n) ? bad(item.n) : good(item)))
    await append(this.broker(), this.channelName, messages)
  }

  /** Reads and commits it all, by two readers one after the other; the first stands in the midst of bad ones. */
  async readInTwoRuns(onUndecodable: 'skip' | 'dead-letter'): Promise<TwoRuns> {
    const options = { group: this.group, onUndecodable }
    const first = await this.reader(options)
    const read = await readAndCommit(first, 497, 499)
    const second = await this.reader(options)
    read.push(...(await readAndCommit(second, goodItems.length - read.length, RECORDS)))
    return { first, second, read }
  }

  committed(): Promise<number | undefined> {
    return committedOffset(this.broker(), `group.${this.channelName}`, this.channelName)
  }

  letters(): Promise<Message[]> {
    return replay(this.broker(), this.deadLetters)
  }
}

/** Reads so many good ones, and all bad ones behind them; what it has read is committed, and the reader closed. */
async function readAndCommit(reader: KafkaChannelReader<Item>, count: number, position: number): Promise<Item[]> {
  const read = await readCount(reader, count)
  const isThere = async (): Promise<boolean> => {
    if (reader.position < position) read.push(...(await readOn(reader)))
    return reader.position >= position
  }
  await eventually(isThere, { timeoutMs: 10_000, waitedFor: `the reader to stand at ${position}` })
  await reader.commit()
  await reader.close()
  return read
}

export function deadLetterSuite(broker: BrokerUnderTest): void {
  let channel: Poisoned
  beforeEach(() => {
    channel = new Poisoned(broker)
  })
  afterEach(() => channel.close())

  it('C49: error stops in front of each bad record, again after a restart, and seek leads over it', async () => {
    await channel.fill()
    const { group } = channel
    const read: Item[] = []
    const met: number[] = []
    let reader = await channel.reader({ group })
    let isRestarted = false
    while (reader.position < RECORDS) {
      const batch = await reader.read({ timeoutMs: 10_000 }).catch((error: unknown) => error)
      if (!(batch instanceof UndecodableRecordError)) {
        read.push(...(batch as { records: Item[] }).records)
        continue
      }
      if (batch.offset === 500 && !isRestarted) {
        isRestarted = true
        await reader.commit()
        await reader.close()
        reader = await channel.reader({ group })
        continue
      }
      met.push(batch.offset)
      // Over the run in three steps: each seek fetches anew.
      await reader.seek({ offset: batch.offset === 601 ? 699 : batch.offset + 1 })
    }
    await reader.commit()
    expect(isRestarted).to.equal(true)
    expect(met).to.deep.equal([0, 1, 499, 500, 600, 601, 699, 999])
    expect(read).to.deep.equal(goodItems)
    expect(await channel.committed()).to.equal(RECORDS)
  })

  it('C49: skip passes all bad records, across a restart', async () => {
    await channel.fill()
    const { second, read } = await channel.readInTwoRuns('skip')
    expect(read).to.deep.equal(goodItems)
    expect(second.skipped).to.be.within(badOffsets.length - 4, badOffsets.length - 2)
    expect(await channel.committed()).to.equal(RECORDS)
  })

  it('C49: dead-letter writes all bad records to their topic, whole and with their place and reason, across a restart', async () => {
    await channel.fill()
    const { first, second, read } = await channel.readInTwoRuns('dead-letter')
    expect(read).to.deep.equal(goodItems)
    expect(await channel.committed()).to.equal(RECORDS)

    const letters = await channel.letters()
    expect(letters.map(offsetOf)).to.deep.equal(badOffsets)
    expect(first.deadLettered + second.deadLettered).to.equal(badOffsets.length)
    expect([first.skipped, second.skipped]).to.deep.equal([0, 0])
    for (const letter of letters) {
      const told = headersOf(letter)
      const i = Number(told['millrace.offset'])
      const { key, value, headers } = bad(i)
      expect(letter.key).to.deep.equal(key)
      expect(letter.value).to.deep.equal(value)
      expect(letter.headers.slice(0, headers.length)).to.deep.equal(headers)
      expect(told).to.include({ 'millrace.topic': channel.channelName, 'millrace.partition': '0' })
      expect(told).to.include({ 'millrace.reader': 'group' })
      expect(told['millrace.reason']).to.match(/encoding 'plain'/)
      for (const time of ['time', 'timestamp']) {
        expect(Number(told[`millrace.${time}`]), time).to.be.within(Date.now() - 60_000, Date.now() + 60_000)
      }
    }
  })

  it('keeps a tombstone and an empty value apart in what it writes', async () => {
    const { group } = channel
    const reader = await channel.reader({ group, onUndecodable: 'dead-letter' })
    const none = { key: null, headers: [] }
    const values = [null, Buffer.alloc(0)]
    const messages = values.map(value => ({ ...none, value }))
    await append(broker(), channel.channelName, [...messages, good({ n: 2, text: 'good' })])
    expect(await readCount(reader, 1)).to.deep.equal([{ n: 2, text: 'good' }])
    await reader.commit()
    expect((await channel.letters()).map(({ value }) => value)).to.deep.equal(values)
  })

  it('a batch’s done() waits for the letters of the records before its end', async () => {
    const { group } = channel
    const reader = await channel.reader({ group, onUndecodable: 'dead-letter' })
    await append(broker(), channel.channelName, [bad(0), ...items(3, 1).map(good)])
    const batch = await reader.read({ timeoutMs: 10_000 })
    await batch.done()
    expect(await channel.committed()).to.equal(4)
    expect(await endOffset(broker(), channel.deadLetters)).to.equal(1)
    expect(reader.deadLettered).to.equal(1)
  })

  it('the principal makes the topic, the other members wait for it, and it outlives the channel', async () => {
    const reader = { onUndecodable: 'dead-letter', resources: 'create' } as const
    const { readers, writer } = await channel.open(2, { reader })
    await append(broker(), channel.channelName, [bad(0), bad(1)])
    await writer.write(items(4))
    await writer.close()
    await Promise.all(
      readers.map(async one => {
        for await (const batch of one.batches({ signal: AbortSignal.timeout(20_000) })) await batch.done()
      })
    )
    await Promise.all([...readers].reverse().map(one => one.close()))
    expect(readers[0]?.topicsKept).to.equal(undefined)
    expect((await channel.letters()).map(offsetOf)).to.deep.equal([0, 1])
  })

  it('says that it waits for the topic where nobody makes it', async () => {
    await (await channel.reader()).close()
    const opening = channel.reader({ onUndecodable: 'dead-letter', resources: 'existing', timeoutMs: 1500 })
    const error = await rejection(opening)
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain(channel.deadLetters)
  })
}

/** What a broker can be told to refuse for a while. */
export function heldLettersSuite(broker: () => EmbeddedBroker): void {
  let channel: Poisoned
  beforeEach(() => {
    channel = new Poisoned(broker)
  })
  afterEach(async () => {
    broker().clearErrors(apiKey.produce)
    await channel.close()
  })

  it('C49: no commit passes a record whose letter is not acknowledged, and only so many wait for that', async () => {
    const options = { group: channel.group, onUndecodable: 'dead-letter' } as const
    const reader = await channel.reader(options)
    const many = Array.from({ length: 5000 }, (_, i) => bad(i + 1))
    await append(broker(), channel.channelName, [good({ n: 0, text: 'good' }), ...many])
    broker().injectErrors(apiKey.produce, Array<number>(10_000).fill(NOT_ENOUGH_REPLICAS))
    expect(await readCount(reader, 1)).to.deep.equal([{ n: 0, text: 'good' }])
    expect(await readOn(reader)).to.deep.equal([])
    const standing = reader.position
    expect(standing).to.be.within(1001, 3001)
    const error = await rejection(reader.commit({ timeoutMs: 300 }))
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain('dead letters').and.contain(channel.deadLetters)
    expect(await channel.committed()).to.be.at.most(1)

    broker().clearErrors(apiKey.produce)
    await readAndCommit(reader, 0, 5001)
    expect(await channel.committed()).to.equal(5001)
    const letters = await channel.letters()
    expect(letters.map(offsetOf)).to.deep.equal(many.map((_, i) => i + 1))
    expect(reader.deadLettered).to.equal(5000)
  })
}

/** What a real broker refuses for good. */
export function refusedLettersSuite(broker: BrokerUnderTest): void {
  let channel: Poisoned
  beforeEach(() => {
    channel = new Poisoned(broker)
  })
  afterEach(() => channel.close())

  it('stands in front of a record whose letter is refused, and meets it again when it is told to', async () => {
    const { group } = channel
    const reader = await channel.reader({ group, onUndecodable: 'dead-letter' })
    await setTopicConfig(broker(), channel.deadLetters, { 'max.message.bytes': '1000' })
    const messages = [good({ n: 0, text: 'a' }), bad(1), bad(2, 2000), good({ n: 3, text: 'b' })]
    await append(broker(), channel.channelName, messages)
    const error = (await rejection(readOn(reader))) as DeadLetterError
    expect(error).to.be.instanceOf(DeadLetterError)
    expect(error).to.include({ topic: channel.channelName, partition: 0, offset: 2 })
    expect(error).to.include({ deadLetterTopic: channel.deadLetters, isFatal: false })
    expect(error.reason).to.match(/encoding 'plain'/)
    expect(await rejection(reader.read({ timeoutMs: 1000 }))).to.equal(error)
    await reader.commit()
    expect(await channel.committed()).to.equal(2)

    await setTopicConfig(broker(), channel.deadLetters, { 'max.message.bytes': '100000' })
    await reader.seek({ offset: error.offset })
    expect(await readCount(reader, 1)).to.deep.equal([{ n: 3, text: 'b' }])
    await reader.commit()
    expect(await channel.committed()).to.equal(4)
    expect((await channel.letters()).map(offsetOf)).to.deep.equal([1, 2])
  })
}
