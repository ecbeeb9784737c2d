/** Who in a cluster does what: leaders of partitions, coordinators of groups. */
import type { TestBroker } from 'millrace/testing'
import { plainProducer } from './raw.js'

/** A partition as the brokers tell of it. */
interface Partition {
  readonly id: number
  readonly leader: number
  readonly replicas: readonly number[]
}

/** @returns the partitions of a topic, by their numbers */
export async function partitionsOfTopic(broker: TestBroker, topic: string): Promise<readonly Partition[]> {
  const producer = await plainProducer(broker)
  try {
    return await new Promise<Partition[]>((resolve, reject) => {
      producer.getMetadata({ topic, timeout: 10_000 }, (error, metadata) => {
        if (error) reject(new Error(error.message))
        else resolve((metadata.topics.find(({ name }) => name === topic)?.partitions ?? []).sort((a, b) => a.id - b.id))
      })
    })
  } finally {
    await new Promise<void>(resolve => producer.disconnect(() => resolve()))
  }
}

/** @returns the id of the broker that keeps a group's offsets: the leader of the partition that its name falls into */
export async function coordinatorOf(broker: TestBroker, group: string): Promise<number> {
  const partitions = await partitionsOfTopic(broker, '__consumer_offsets')
  // Java's String.hashCode, without its sign.
  let hash = 0
  for (let i = 0; i < group.length; i++) hash = (Math.imul(31, hash) + group.charCodeAt(i)) | 0
  return partitions[(hash & 0x7fffffff) % partitions.length]?.leader ?? -1
}
