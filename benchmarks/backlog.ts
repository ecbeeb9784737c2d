/** A topic that is full of records before anybody reads it. */
import { KafkaChannelWriter } from 'millrace'
import type { TestBroker } from 'millrace/testing'
import { newChannel } from './new-channel.js'
import { schema, textOf } from './throughput/records.js'

export interface Backlog {
  readonly partitions: number
  readonly count: number
  readonly recordBytes: number
}

/** @param name - begins the topic's name @returns the topic's name */
export async function backlog(broker: TestBroker, name: string, plan: Backlog): Promise<string> {
  const { partitions, count, recordBytes } = plan
  const topic = await newChannel(broker, name, partitions)
  const writer = await KafkaChannelWriter.open({ location: broker.bootstrapServers, channelName: topic, schema })
  const s = textOf(recordBytes)
  for (let first = 0; first < count; first += 10_000) {
    await writer.write(Array.from({ length: Math.min(10_000, count - first) }, (_, i) => ({ i: first + i, s })))
  }
  await writer.close()
  return topic
}
