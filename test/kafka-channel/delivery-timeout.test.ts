import { expect } from 'chai'
import { RecordType, WriteError } from 'millrace'
import { onApacheBrokers } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, type ReaderOptions } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { endOffset, producerClient, turns } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

const PARTITIONS = 4
const BATCH = 1000
const channelConfig = { 'message.timeout.ms': 1500 }

onApacheBrokers(1, 'Kafka channel: a broker that hangs for longer than the delivery timeout', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  /** All that is in the topic up to here; in each partition the numbers must rise. */
  async function numbersIn(options: ReaderOptions = {}): Promise<number[]> {
    // Opened now: those that were there fail with the writer that failed.
    const readers = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, index) =>
        channel.reader({ ...options, group: { name: 'after', index, size: PARTITIONS } })
      )
    )
    const seen = await Promise.all(
      readers.map(async (reader, partition) => {
        const end = (await endOffset(broker(), channel.channelName, partition)) as number
        const numbers: number[] = []
        while (reader.position < end) {
          for (const { n } of (await reader.read({ timeoutMs: 20_000 })).records) {
            expect(n, 'a number that rises').to.be.above(numbers.at(-1) ?? -1)
            numbers.push(n)
          }
        }
        return numbers
      })
    )
    return seen.flat()
  }

  it('C20: the counts fit the topic, nothing is there twice, and the next writer goes on', async () => {
    const { writer } = await channel.open(PARTITIONS, { writer: { channelConfig } })
    let next = 0
    const write = async (): Promise<void> => {
      await writer.write(items(BATCH, next).map(padded))
      next += BATCH
    }
    while (writer.counts.acknowledged < 20 * BATCH) await write()
    broker().pause(1)
    try {
      // Some records are on their way, many in librdkafka's queue, and a batch waits for room.
      const writeOn = async (): Promise<void> => {
        for (;;) await write()
      }
      const errors = [await rejection(writeOn()), await rejection(writer.flush())]
      for (const error of errors) expect(error).to.be.instanceOf(WriteError)
    } finally {
      broker().resume(1)
    }
    const { acknowledged, failed, unknown } = (await rejection(writer.close())) as WriteError
    expect(writer.counts).to.deep.equal({ acknowledged, failed, unknown })
    expect(failed + unknown).to.be.above(0)

    const another = await channel.writer({ channelConfig })
    const last = acknowledged + failed + unknown
    await another.write(items(BATCH, last))
    await another.close()
    expect(another.counts).to.deep.equal({ acknowledged: BATCH, failed: 0, unknown: 0 })
    const seen = await numbersIn()
    const ours = seen.filter(n => n < last)
    expect(seen.length - ours.length).to.equal(BATCH)
    expect(ours.length)
      .to.be.at.least(acknowledged)
      .and.at.most(acknowledged + unknown)
  })

  it('C20: each record that is acknowledged is in the topic, and none that failed', async () => {
    await channel.open(PARTITIONS, { reader: { encoding: 'plain' }, writer: { encoding: 'plain' } })
    const type = RecordType.of<Item>(itemSchema)
    const client = await producerClient(broker(), channelConfig)
    const topic = client.openTopic(channel.channelName)
    const acknowledged = new Set<number>()
    const failed = new Set<number>()
    const unknown = new Set<number>()
    let count = 0
    const produce = async (): Promise<void> => {
      // One ticket a record, so that the fate of each is known.
      for (const item of items(100, count).map(padded)) {
        const record = type.encode(item)
        const place = [Uint32Array.of(record.length), Int32Array.of(item.n % PARTITIONS)] as const
        client.produce(topic, record, ...place, 0, 1, settled => {
          const fate = settled.acknowledged > 0 ? acknowledged : settled.failed > 0 ? failed : unknown
          fate.add(item.n)
        })
      }
      count += 100
      await turns(1)
    }
    while (acknowledged.size < 5000) await produce()
    broker().pause(1)
    for (let i = 0; i < 100; i++) await produce()
    const isSettled = (): boolean => acknowledged.size + failed.size + unknown.size === count
    await eventually(isSettled, { timeoutMs: 20_000, waitedFor: 'all to be settled' }).finally(() => broker().resume(1))
    client.closeTopic(topic)
    await client.close()
    expect(failed.size + unknown.size).to.be.above(0)

    const marker = await channel.writer({ encoding: 'plain' })
    await marker.write(items(PARTITIONS, count))
    await marker.close()
    const numbers = await numbersIn({ encoding: 'plain' })
    const seen = new Set(numbers)
    expect(seen.size, 'doubles').to.equal(numbers.length)
    expect(
      [...acknowledged].filter(n => !seen.has(n)),
      'acknowledged and lost'
    ).to.deep.equal([])
    expect(
      [...failed].filter(n => seen.has(n)),
      'failed and there'
    ).to.deep.equal([])
  })
})

function padded({ n }: Item): Item {
  return { n, text: 'x'.repeat(500) }
}
