import { expect } from 'chai'
import type { KafkaChannelReader } from 'millrace'
import { apiKey, EmbeddedBroker } from 'millrace/testing'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'

const NOT_LEADER = 6
const REQUEST_TIMED_OUT = 7
const PARTITIONS = 16
/** Ten for each partition. */
const BATCH = 160
const BATCHES = 3000

describe('Kafka channel: order [three embedded brokers]', () => {
  let broker: EmbeddedBroker
  let channel: ChannelFixture
  beforeEach(() => {
    broker = new EmbeddedBroker({ brokers: 3 })
    channel = new ChannelFixture(() => broker)
  })
  afterEach(async () => {
    await channel.close()
    await broker.close()
  })

  /** Writes at full rate while it reads; the numbers rise by exactly the number of partitions in each. */
  async function keepsOrder(
    disturb: (batch: number, flush: () => Promise<void>) => Promise<void> | void
  ): Promise<void> {
    broker.createTopic(channel.channelName, PARTITIONS, 3)
    // Small requests, so that there are many to fail.
    const { readers, writer } = await channel.open(PARTITIONS, { writer: { channelConfig: { 'linger.ms': 0 } } })
    const each = (BATCH * BATCHES) / PARTITIONS
    const reading = Promise.all(readers.map((reader: KafkaChannelReader<Item>) => readCount(reader, each)))
    for (let batch = 0; batch < BATCHES; batch++) {
      await disturb(batch, () => writer.flush())
      await writer.write(items(BATCH, batch * BATCH))
    }
    await writer.flush()
    expect(writer.counts).to.deep.equal({ acknowledged: BATCH * BATCHES, failed: 0, unknown: 0 })
    const firsts = (await reading).map(records => {
      for (const [i, { n }] of records.entries()) {
        if (n !== (records[0] as Item).n + i * PARTITIONS) expect.fail(`${n} is at the wrong place, ${i}`)
      }
      return (records[0] as Item).n
    })
    expect(firsts.sort((a, b) => a - b)).to.deep.equal(items(PARTITIONS).map(({ n }) => n))
  }

  it('C33: is that of write() in each partition though one in twenty requests fails', async () => {
    const random = randomFrom(20_251_125)
    const codes = Array.from({ length: 20_000 }, () => {
      return random() >= 0.05 ? 0 : random() < 0.5 ? REQUEST_TIMED_OUT : NOT_LEADER
    })
    broker.injectErrors(apiKey.produce, codes)
    await keepsOrder(() => undefined)
  })

  it('C33: is that of write() in each partition though leaders change', async () => {
    const random = randomFrom(33)
    await keepsOrder(async (batch, flush) => {
      if (batch % 50 !== 0) return
      // With requests on their way to two leaders this broker takes the second though it refused the first, and that
      // is lost: no Kafka does so. `outage.test.ts` lets leaders change under load, on three real brokers.
      await flush()
      const [partition, leader] = [Math.floor(random() * PARTITIONS), 1 + Math.floor(random() * 3)]
      broker.setLeader(channel.channelName, partition, leader)
    })
  })
})

/** The same numbers in every run, from 0 to 1. (Mulberry32.) */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
