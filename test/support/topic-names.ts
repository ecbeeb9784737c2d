/** The topics that a broker has. */
import type { Metadata } from 'node-rdkafka'
import type { TestBroker } from 'millrace/testing'
import { currentTopic } from '../../lib/kafka/index.js'
import { plainProducer, producerClient, within } from './raw.js'

export async function topicNames(broker: TestBroker): Promise<string[]> {
  const client = await plainProducer(broker)
  try {
    const { topics } = await new Promise<Metadata>((resolve, reject) => {
      client.getMetadata({ timeout: 10_000 }, (error: unknown, data) =>
        error ? reject(error as Error) : resolve(data)
      )
    })
    return topics.map(({ name }) => name)
  } finally {
    await new Promise<void>(resolve => client.disconnect(() => resolve()))
  }
}

/** Those of a channel's three topics that are there. */
export async function channelTopics(broker: TestBroker, channelName: string): Promise<string[]> {
  const client = await producerClient(broker)
  const there: string[] = []
  for (const suffix of ['', '.input.state', '.output.state']) {
    const topic = `${channelName}${suffix}`
    if (await currentTopic(client, topic, within())) there.push(topic)
  }
  await client.close()
  return there
}
