import { expect } from 'chai'
import type { KafkaChannelReader } from 'millrace'
import type { BrokerUnderTest } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount, readToTheEnd } from '../support/channel-fixture.js'
import { plainProducer } from '../support/raw.js'
import { asPypz, writerSays } from '../support/status-log.js'
import { channelTopics } from '../support/topic-names.js'

/** Runs of which no writer says behind which offsets it has ended: there is nothing to say, or it cannot say it. */
export function vagueEndsSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  /** Two members, and records of a writer that then says as pypz does that it has closed. */
  async function openWithPypz(): Promise<readonly [KafkaChannelReader<Item>, KafkaChannelReader<Item>]> {
    const plain = { encoding: 'plain' } as const
    const { readers, writer } = await channel.open(2, {
      reader: { ...plain, resources: 'create' },
      writer: { ...plain, name: 'pypz' }
    })
    await writer.write(items(10))
    await writer.leave()
    const producer = await plainProducer(broker())
    for (const state of ['Opened', 'Started', 'Stopped', 'Closed'] as const) {
      const { key, value } = asPypz(writerSays(channel.channelName, { name: 'pypz', incarnation: '' }, state, state))
      producer.produce(`${channel.channelName}.output.state`, 0, value, key)
    }
    await new Promise<void>(resolve => producer.flush(10_000, () => resolve()))
    await new Promise<void>(resolve => producer.disconnect(() => resolve()))
    return readers as [KafkaChannelReader<Item>, KafkaChannelReader<Item>]
  }

  it('deletes the topics of a run without a record', async () => {
    const { readers, writer } = await channel.open(2, { reader: { resources: 'create' } })
    await writer.close()
    expect(await Promise.all(readers.map(readToTheEnd))).to.deep.equal([[], []])
    await Promise.all(readers.map(reader => reader.close()))
    expect(await channelTopics(broker(), channel.channelName)).to.deep.equal([])
  })

  it('deletes the topics when everything is committed that a writer of pypz wrote', async () => {
    const readers = await openWithPypz()
    expect((await Promise.all(readers.map(readToTheEnd))).map(({ length }) => length)).to.deep.equal([5, 5])
    await Promise.all(readers.map(reader => reader.close()))
    expect(await channelTopics(broker(), channel.channelName)).to.deep.equal([])
  })

  it('keeps the topics when a member has left records that a writer of pypz wrote', async () => {
    const [first, second] = await openWithPypz()
    await readCount(second, 3)
    await second.commit()
    await second.close()
    expect(await readToTheEnd(first)).to.have.length(5)
    await first.close({ timeoutMs: 1000 })
    expect(first.topicsKept).to.include(`all of ${channel.channelName} to be committed by its members`)
    expect(await channelTopics(broker(), channel.channelName)).to.have.length(3)
  })
}
