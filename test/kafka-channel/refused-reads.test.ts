import { expect } from 'chai'
import type { KafkaChannelReader } from 'millrace'
import { apiKey } from 'millrace/testing'
import { onEmbeddedBroker } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { rejection } from '../support/rejection.js'

const TOPIC_AUTHORIZATION_FAILED = 29

onEmbeddedBroker('Kafka channel: reads that the broker refuses', broker => {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(async () => {
    broker().clearErrors(apiKey.fetch)
    await channel.close()
  })

  it('rejects each read while the group may not read the topic, and goes on where it was when it may again', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    await writer.flush()
    await readCount(reader, 10, 4)
    broker().injectErrors(apiKey.fetch, Array<number>(10_000).fill(TOPIC_AUTHORIZATION_FAILED))
    for (let i = 0; i < 3; i++) {
      const error = await rejection(reader.read({ timeoutMs: 10_000 }))
      expect(error, String(i)).to.have.property('kafkaCode', TOPIC_AUTHORIZATION_FAILED)
    }
    expect(reader.position).to.equal(10)
    broker().clearErrors(apiKey.fetch)
    await writer.write(items(5, 10))
    await writer.flush()
    const rest: Item[] = []
    while (rest.length < 5) {
      // One that was on its way.
      await reader.read({ timeoutMs: 10_000 }).then(
        ({ records }) => rest.push(...records),
        (error: unknown) => expect(error).to.have.property('kafkaCode', TOPIC_AUTHORIZATION_FAILED)
      )
    }
    expect(rest).to.deep.equal(items(5, 10))
  })
})
