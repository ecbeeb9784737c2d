/** A topic that is full of records before anybody reads it. */
import { randomUUID } from 'node:crypto'
import { KafkaChannelWriter } from 'millrace'
import type { TestBroker } from 'millrace/testing'
import { Deadline } from '../lib/deadline.js'
import { createTopic } from '../lib/kafka/index.js'
import { schema, textOf } from './throughput/records.js'

export interface Backlog {
  readonly partitions: number
  readonly count: number
  readonly recordBytes: number
}

const TOPIC_TIMEOUT_MS = 60_000

/** @param name - begins the topic's name @returns the topic's name */
export async function backlog(broker: TestBroker, name: string, plan: Backlog): Promise<string> {
  const { partitions, count, recordBytes } = plan
  const topic = `${name}.${randomUUID()}`
  await createTopic(broker, { topic, partitions, topicReplicationFactor: 1 }, new Deadline({}, TOPIC_TIMEOUT_MS))
  const writer = await KafkaChannelWriter.open({ location: broker.bootstrapServers, channelName: topic, schema })
  const s = textOf(recordBytes)
  for (let first = 0; first < count; first += 10_000) {
    await writer.write(Array.from({ length: Math.min(10_000, count - first) }, (_, i) => ({ i: first + i, s })))
  }
  await writer.close()
  return topic
}
