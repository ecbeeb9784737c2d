/** Plain node-rdkafka as its documentation leads one to use it, tuned fairly, with avsc both ways. */
import { setTimeout as delay } from 'node:timers/promises'
import avsc from 'avsc'
import rdkafka from 'node-rdkafka'
import type { KafkaConsumer, LibrdKafkaError, Message, Producer } from 'node-rdkafka'
import { type Entry, schema, textOf } from './records.js'
import type { Contestant } from './task.js'

const QUEUE_FULL = -184
const BATCH_RECORDS = 1000
/** Both clients read the same log, which Millrace wrote: its frame is skipped here, unchecked. */
const FRAME_BYTES = 10
const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema)

export const write: Contestant = async (task, clock) => {
  const producer = new rdkafka.Producer(
    {
      'bootstrap.servers': task.bootstrapServers,
      'enable.idempotence': true,
      'linger.ms': task.lingerMs,
      'batch.size': 1_000_000,
      'delivery.report.only.error': true,
      dr_cb: true
    },
    { acks: -1 }
  )
  await connected(producer)
  producer.setPollInterval(100)
  const { topic, partitions, records } = task
  const s = textOf(task.recordBytes)
  const buffer = Buffer.alloc(task.recordBytes + 64)
  clock.start()
  for (let i = 0; i < records; i++) {
    const end = type.encode({ i, s } satisfies Entry, buffer, 0)
    while (!produced(producer, topic, i % partitions, buffer.subarray(0, end))) {
      producer.poll()
      await delay(1)
    }
    if (i % BATCH_RECORDS === 0) await turn()
  }
  await flushed(producer)
  clock.stop()
  await disconnected(producer)
  return undefined
}

export const read: Contestant = async (task, clock) => {
  const consumer = new rdkafka.KafkaConsumer(
    {
      'bootstrap.servers': task.bootstrapServers,
      'group.id': `${task.topic}.plain`,
      'enable.auto.commit': false,
      'fetch.queue.backoff.ms': 10
    },
    {}
  )
  await connected(consumer)
  consumer.setDefaultConsumeTimeout(50)
  consumer.assign(
    Array.from({ length: task.partitions }, (_, partition) => ({ topic: task.topic, partition, offset: 0 }))
  )
  clock.start()
  let sum = 0
  for (let missing = task.records; missing > 0;) {
    const messages = await consume(consumer)
    for (const { value } of messages) sum += (type.decode(value as Buffer, FRAME_BYTES).value as Entry).i
    missing -= messages.length
  }
  clock.stop()
  await disconnected(consumer)
  return sum
}

function produced(producer: Producer, topic: string, partition: number, value: Buffer): boolean {
  try {
    producer.produce(topic, partition, value)
    return true
  } catch (error) {
    if ((error as LibrdKafkaError).code !== QUEUE_FULL) throw error
    return false
  }
}

function consume(consumer: KafkaConsumer): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    consumer.consume(1000, (error, messages) => (error ? reject(error) : resolve(messages)))
  })
}

function connected(client: Producer | KafkaConsumer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect({ allTopics: false } as never, error => (error ? reject(error) : resolve()))
  })
}

function disconnected(client: Producer | KafkaConsumer): Promise<void> {
  return new Promise(resolve => client.disconnect(() => resolve()))
}

function flushed(producer: Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.flush(120_000, (error: LibrdKafkaError | null) => (error ? reject(error) : resolve()))
  })
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
