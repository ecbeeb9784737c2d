import { expect } from 'chai'
import { BrokerError, TimeoutError } from 'millrace'
import { ConsumerClient, consumerConfig, type PartitionConsumer } from '../../lib/kafka/index.js'
import { onEmbeddedBroker } from '../support/brokers.js'
import { makeTopic, putRaw, within } from '../support/raw.js'

onEmbeddedBroker('ConsumerClient', broker => {
  it('says each time that a broker’s answer is larger than receive.message.max.bytes allows', async () => {
    const topic = await makeTopic(broker(), 1)
    await putRaw(broker(), topic, [Buffer.alloc(900_000)])
    const settings = {
      'receive.message.max.bytes': 50_000,
      'fetch.max.bytes': 40_000,
      'message.max.bytes': 30_000,
      'fetch.message.max.bytes': 30_000
    }
    const config = consumerConfig({ bootstrapServers: broker().bootstrapServers, settings }, `g.${topic}`, {})
    const client = await ConsumerClient.connect(config, 100_000, within())
    try {
      const consumer = await client.open(topic, [{ partition: 0, offset: 0, isCommitted: true }])
      for (let i = 0; i < 3; i++) {
        const error = await problemOf(consumer)
        expect(error).to.be.instanceOf(BrokerError).and.have.property('kafkaCode', -199)
        expect(error.message).to.match(
          /answer has 9\d{5} bytes, more than 'receive.message.max.bytes' allows \(50000\)/
        )
      }
      consumer.close()
    } finally {
      await client.close(within())
    }
  })
})

/** What a reader would be rejected with. */
async function problemOf(consumer: PartitionConsumer): Promise<Error> {
  const deadline = within(10_000)
  while (deadline.remainingMs > 0) {
    try {
      expect(consumer.drain(10)).to.equal(undefined)
      await deadline.wait(consumer.whenReady(), 'an error')
    } catch (error) {
      return error as Error
    }
  }
  return new TimeoutError('an error', 10_000)
}
