/** Messages with keys and headers, in and out of the first partition of a topic. */
import type { TestBroker } from 'millrace/testing'
import { firstOffsets, type Message, MessageProducer, type OutgoingMessage } from '../../lib/kafka/index.js'
import { consumerClient, endOffset, producerClient, within } from './raw.js'

/** Appends messages in their order. */
export async function append(broker: TestBroker, topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
  const client = await producerClient(broker)
  const producer = new MessageProducer(client, topic)
  await Promise.all(messages.map(message => producer.send(0, message, within())))
  producer.close()
  await client.close()
}

/** @returns all messages that a reader of the topic meets today, from its beginning to its end */
export async function replay(broker: TestBroker, topic: string): Promise<Message[]> {
  const client = await consumerClient(broker, `replay.${topic}`)
  try {
    const first = (await firstOffsets(client, topic, [0], within())).get(0) ?? 0
    const end = (await endOffset(broker, topic)) ?? 0
    const consumer = await client.open(topic, [{ partition: 0, offset: first, isCommitted: false }])
    const all: Message[] = []
    while ((consumer.partitions[0]?.position ?? 0) < end && first < end) {
      const messages = consumer.drainMessages(500)?.messages ?? []
      all.push(...messages)
      if (messages.length === 0) await within().wait(consumer.whenReady(), `the end of ${topic}`)
    }
    consumer.close()
    return all
  } finally {
    await client.close(within())
  }
}
