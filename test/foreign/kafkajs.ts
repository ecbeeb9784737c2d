/** A client of Kafka that shares no line with librdkafka: kafkajs, as one that others of a cluster may use. */
import { randomUUID } from 'node:crypto'
import { type IHeaders, Kafka, logLevel, type KafkaMessage, type Producer } from 'kafkajs'
import type { TestBroker } from 'millrace/testing'
import { eventually } from '../support/eventually.js'

function kafkaJs(broker: TestBroker): Kafka {
  return new Kafka({ clientId: 'foreign', brokers: broker.bootstrapServers.split(','), logLevel: logLevel.NOTHING })
}

/** Connected; the caller disconnects it. @param transactionalId - for one that writes in transactions */
export async function foreignProducer(broker: TestBroker, transactionalId?: string): Promise<Producer> {
  const options = transactionalId === undefined ? {} : { transactionalId, idempotent: true, maxInFlightRequests: 1 }
  const producer = kafkaJs(broker).producer({ ...options, allowAutoTopicCreation: false })
  await producer.connect()
  return producer
}

/** @returns the first messages of a topic of one partition, as another client gets them */
export async function foreignReading(broker: TestBroker, topic: string, count: number): Promise<KafkaMessage[]> {
  const consumer = kafkaJs(broker).consumer({ groupId: `foreign.${randomUUID()}` })
  const messages: KafkaMessage[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    const eachMessage = ({ message }: { message: KafkaMessage }): Promise<void> => {
      messages.push(message)
      return Promise.resolve()
    }
    await consumer.run({ eachMessage })
    await eventually(() => messages.length >= count, { timeoutMs: 20_000, waitedFor: `${count} messages of ${topic}` })
    return messages
  } finally {
    await consumer.disconnect()
  }
}

/** Headers of one name come as a list. */
export function headersOf({ headers = {} }: { headers?: IHeaders | undefined }): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
