/** The topics of a channel, made before anybody opens it, so that writers and readers can be measured one after the other. */
import { randomUUID } from 'node:crypto'
import type { TestBroker } from 'millrace/testing'
import { Deadline } from '../lib/deadline.js'
import { createTopics, ProducerClient, producerConfig, waitForTopic } from '../lib/kafka/index.js'

const TOPIC_TIMEOUT_MS = 60_000

/** @param name - begins the channel's name @returns the channel's name */
export async function newChannel(broker: TestBroker, name: string, partitions: number): Promise<string> {
  const channelName = `${name}.${randomUUID()}`
  const deadline = new Deadline({}, TOPIC_TIMEOUT_MS)
  const plan = { topicReplicationFactor: 1, partitions: 1 }
  const status = ['input', 'output'].map(side => ({ ...plan, topic: `${channelName}.${side}.state` }))
  await createTopics(broker, [...status, { ...plan, topic: channelName, partitions }], deadline)
  const client = await ProducerClient.connect(producerConfig(broker, 1), deadline)
  await waitForTopic(client, channelName, deadline, partitions)
  await client.close()
  return channelName
}
