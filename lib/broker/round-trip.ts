/** The proof that a broker is ready: a topic is made, and a record goes into it and comes out. */
import { randomUUID } from 'node:crypto'
import type { Deadline } from '../deadline.js'
import { BrokerError } from '../errors.js'
import {
  type ClientOptions,
  ConsumerClient,
  consumerConfig,
  createTopic,
  deleteTopic,
  ProducerClient,
  producerConfig,
  waitForTopic
} from '../kafka/index.js'

const INVALID_REPLICATION_FACTOR = 38

/** Resolves when it worked. @throws TimeoutError and what the broker answers */
export async function roundTrip(bootstrapServers: string, deadline: Deadline): Promise<void> {
  const options: ClientOptions = { bootstrapServers }
  const topic = `millrace-ready-${randomUUID()}`
  const producer = await ProducerClient.connect(producerConfig(options, 1), deadline)
  try {
    await createOnce(options, topic, deadline)
    await waitForTopic(producer, topic, deadline)
    await deadline.wait(produceOne(producer, topic), 'the broker to take a record')
    await consumeOne(options, topic, deadline)
    await deleteTopic(options, topic, deadline)
  } finally {
    await producer.close()
  }
}

/** A cluster that has just been started may not have as many brokers yet as a topic needs. */
async function createOnce(options: ClientOptions, topic: string, deadline: Deadline): Promise<void> {
  for (;;) {
    try {
      await createTopic(options, { topic, partitions: 1, topicReplicationFactor: -1 }, deadline)
      return
    } catch (error) {
      if (!(error instanceof BrokerError) || error.kafkaCode !== INVALID_REPLICATION_FACTOR) throw error
      await deadline.pause(100, 'as many brokers as a topic needs', error)
    }
  }
}

async function produceOne(producer: ProducerClient, topic: string): Promise<void> {
  const handle = producer.openTopic(topic)
  await new Promise<void>((resolve, reject) => {
    const record = Buffer.from('ready?')
    producer.produce(handle, record, Uint32Array.of(record.length), Int32Array.of(0), 0, 1, settled => {
      if (settled.acknowledged === 1) resolve()
      else reject(new Error(`the broker does not take records: librdkafka's error ${settled.code}`))
    })
  })
  producer.closeTopic(handle)
}

async function consumeOne(options: ClientOptions, topic: string, deadline: Deadline): Promise<void> {
  const client = await ConsumerClient.connect(consumerConfig(options, topic, {}), 1024, deadline)
  try {
    const consumer = await client.open(topic, [{ partition: 0, offset: 0, isCommitted: false }])
    while (!consumer.drain(1)) await deadline.wait(consumer.whenReady(), 'the broker to give a record')
    consumer.close()
  } finally {
    await client.close(deadline)
  }
}
