import { expect } from 'chai'
import { onApacheBrokers, onEmbeddedBroker } from '../support/brokers.js'
import { ChannelFixture, items, readToTheEnd } from '../support/channel-fixture.js'
import { partitionsOfTopic } from '../support/cluster.js'
import { Flow } from '../support/flow.js'

const READERS = 8
/** Within which everything goes on once the broker is back. */
const RECOVERY_MS = 10_000

onEmbeddedBroker('Kafka channel: outages', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(async () => {
    broker().setBrokerUp(1, true)
    await channel.close()
  })

  it('C18: goes on by itself after each of ten micro outages, with nothing lost and all in order', async () => {
    const flow = await Flow.open(channel, READERS)
    for (let i = 0; i < 10; i++) {
      await flow.reads(200, RECOVERY_MS)
      broker().setBrokerUp(1, false)
      // 0.2 s of it.
      await flow.writes(200)
      broker().setBrokerUp(1, true)
    }
    // It knows no sequence numbers outside of transactions: records whose answer is lost are in its log twice.
    await flow.end(RECOVERY_MS, { repeats: true })
  })
})

onApacheBrokers(1, 'Kafka channel: outages', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  it('C18: goes on by itself when the broker was killed and came back, with nothing lost and nothing twice', async () => {
    const flow = await Flow.open(channel, READERS)
    await flow.reads(1000)
    await broker().kill(1)
    await flow.writes(1000)
    await broker().restart(1)
    await flow.reads(1000, RECOVERY_MS)
    await flow.end(RECOVERY_MS)
  })

  it('C21: open works that was called while the broker was away', async () => {
    await broker().kill(1)
    const opening = channel.open(2)
    await broker().restart(1)
    const { readers, writer } = await opening
    await writer.write(items(10))
    await writer.close()
    const read = await Promise.all(readers.map(readToTheEnd))
    expect(read.flat()).to.have.length(10)
  })
})

onApacheBrokers(3, 'Kafka channel: outages', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  it('C18, C33: goes on by itself when a leader was killed and came back, with nothing lost, nothing twice, all in order', async () => {
    const flow = await Flow.open(channel, READERS)
    await flow.reads(1000)
    const [partition] = await partitionsOfTopic(broker(), channel.channelName)
    const leader = partition?.leader ?? 0
    await broker().kill(leader)
    try {
      await flow.writes(1000)
      await flow.reads(2000)
    } finally {
      await broker().restart(leader)
    }
    await flow.reads(1000, RECOVERY_MS)
    await flow.end(RECOVERY_MS)
  })
})
