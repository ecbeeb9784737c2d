/** Opens a member's partitions: a client, the topic, where to begin, and the assignment. */
import type { Deadline } from '../deadline.js'
import { ChannelError } from '../errors.js'
import {
  committedOffsets,
  ConsumerClient,
  consumerConfig,
  createTopic,
  firstOffsets,
  type Lease,
  type PartitionConsumer,
  partitionsOf,
  prefetchSettings,
  SharedClients,
  shareKey,
  type TopicDescription,
  topicExists,
  waitForTopic
} from '../kafka/index.js'
import type { CheckedReaderOptions } from './reader-options.js'

const clients = new SharedClients<ConsumerClient>()

/** A member's partitions, and the hold on the client that reads them. */
export interface OpenPartitions {
  readonly consumer: PartitionConsumer
  readonly lease: Lease<ConsumerClient>
}

export async function openPartitions(
  options: CheckedReaderOptions<unknown>,
  deadline: Deadline
): Promise<OpenPartitions> {
  const { client, channelName, group, maxBatchBytes, prefetchBytes } = options
  const config = consumerConfig(client, `${group.name}.${channelName}`, prefetchSettings(prefetchBytes, group.size))
  const connect = (): Promise<ConsumerClient> => ConsumerClient.connect(config, maxBatchBytes, deadline)
  const lease = await clients.lease(`${shareKey(config)} ${maxBatchBytes}`, client.bootstrapServers, connect, deadline)
  try {
    const topic = await topicOf(options, lease.client, deadline)
    return { consumer: await assign(options, lease.client, topic, deadline), lease }
  } catch (error) {
    await lease.release()
    throw error
  }
}

/** The channel's topic: the principal creates it when there is none, the others wait for it. */
async function topicOf(
  { client, channelName, group, topicReplicationFactor }: CheckedReaderOptions<unknown>,
  consumer: ConsumerClient,
  deadline: Deadline
): Promise<TopicDescription> {
  if (group.index === 0 && !(await topicExists(consumer, channelName, deadline))) {
    await createTopic(client, { topic: channelName, partitions: group.size, topicReplicationFactor }, deadline)
  }
  const topic = await waitForTopic(consumer, channelName, deadline)
  if (topic.partitionCount >= group.size) return topic
  throw new ChannelError(
    'ERR_MILLRACE_TOPIC_UNFIT',
    `the topic ${channelName} has ${topic.partitionCount} partitions, too few for the ${group.size} members of the ` +
      `group ${group.name}: add partitions to it, or open a group of ${topic.partitionCount}`
  )
}

async function assign(
  { channelName, group }: CheckedReaderOptions<unknown>,
  consumer: ConsumerClient,
  topic: TopicDescription,
  deadline: Deadline
): Promise<PartitionConsumer> {
  const partitions = partitionsOf(group, topic.partitionCount)
  const committed = await committedOffsets(consumer, channelName, partitions, deadline)
  const isNew = (partition: number): boolean => (committed.get(partition) ?? -1) < 0
  // Asked together here: given as "the beginning", librdkafka would ask for each partition in a request of its own.
  const first = await firstOffsets(consumer, channelName, partitions.filter(isNew), deadline)
  const starts = partitions.map(partition => {
    const offset = (isNew(partition) ? first : committed).get(partition) ?? -1
    if (offset < 0) {
      const message = `no broker told the first offset of ${channelName} [${partition}]: open again`
      throw new ChannelError('ERR_MILLRACE_INTERNAL', message)
    }
    return { partition, offset, isCommitted: !isNew(partition) }
  })
  return await consumer.open(channelName, starts)
}
