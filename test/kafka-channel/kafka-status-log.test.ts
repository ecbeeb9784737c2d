import { expect } from 'chai'
import { TimeoutError } from 'millrace'
import type { ConsumerClient, MessageProducer, ProducerClient } from '../../lib/kafka/index.js'
import { waitForTopics } from '../../lib/kafka-channel/channel-topics.js'
import { KafkaStatusLog, type StatusTopic } from '../../lib/kafka-channel/kafka-status-log.js'
import { StatusFeed } from '../../lib/kafka-channel/status-feed.js'
import { onEmbeddedBroker } from '../support/brokers.js'
import { makeChannel, producerClient, putRaw, within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

/** A topic whose messages never come, as those of one that was deleted while they were on their way. */
async function silent(topic: string, client: ProducerClient): Promise<StatusTopic> {
  const nothing = (): undefined => undefined
  const consumer = {
    topic,
    partitions: [{ position: 0, start: { offset: 0 } }],
    drainMessages: nothing,
    whenReady: () => new Promise(nothing),
    lookAgain: nothing,
    close: nothing
  }
  const open = (): Promise<typeof consumer> => Promise.resolve(consumer)
  return {
    feed: await StatusFeed.open(topic, { open } as unknown as ConsumerClient, client, within()),
    producer: { close: nothing } as unknown as MessageProducer
  }
}

onEmbeddedBroker('KafkaStatusLog', broker => {
  it('is not read to its end within the deadline where what stood in it does not come, and can be read again', async () => {
    const channelName = await makeChannel(broker(), 1)
    const client = await producerClient(broker())
    const ids = await waitForTopics(client, channelName, 1, within())
    const { reader, writer } = ids.status
    const topics = { reader: await silent(reader.name, client), writer: await silent(writer.name, client) }
    const log = new KafkaStatusLog(client, topics, ids)
    try {
      await log.readToEnd(within(2000))
      await putRaw(broker(), reader.name, [Buffer.from('a message')])
      for (const _ of [1, 2]) {
        const error = await rejection(log.readToEnd(within(100)))
        expect(error).to.be.instanceOf(TimeoutError)
        expect(error.message).to.contain(`the status messages of ${reader.name} to be read to their end`)
      }
    } finally {
      log.close()
      await client.close()
    }
  })
})
