/** The topics that a broker has. */
import type { Metadata } from 'node-rdkafka'
import type { TestBroker } from 'millrace/testing'
import { plainProducer } from './raw.js'

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
