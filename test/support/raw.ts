/** The topic as another client sees it: raw records in, committed and end offsets out. */
import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import rdkafka from 'node-rdkafka'
import type { Producer } from 'node-rdkafka'
import type { TestBroker } from 'millrace/testing'
import { Deadline } from '../../lib/deadline.js'
import {
  committedOffsets,
  ConsumerClient,
  consumerConfig,
  createTopic,
  endOffsets,
  firstOffsets,
  ProducerClient,
  producerConfig,
  waitForTopic
} from '../../lib/kafka/index.js'

export function within(ms = 20_000): Deadline {
  return new Deadline({}, ms)
}

/** @param config - settings of the topic that ours never sets; on a real broker only */
export async function makeTopic(
  broker: TestBroker,
  partitions: number,
  config?: Record<string, string>
): Promise<string> {
  const topic = `test.${randomUUID()}`
  if (config) {
    const admin = rdkafka.AdminClient.create({ 'bootstrap.servers': broker.bootstrapServers })
    const plan = { topic, num_partitions: partitions, replication_factor: -1, config }
    await kafkaCall(done => admin.createTopic(plan, 20_000, done))
    admin.disconnect()
  } else {
    await createTopic(broker, { topic, partitions, topicReplicationFactor: -1 }, within())
  }
  const client = await producerClient(broker)
  await waitForTopic(client, topic, within())
  await client.close()
  return topic
}

/** A channel's topics, the data's with settings of its own. @returns its name */
export async function makeChannel(
  broker: TestBroker,
  partitions: number,
  config?: Record<string, string>
): Promise<string> {
  const channelName = await makeTopic(broker, partitions, config)
  const plan = { partitions: 1, topicReplicationFactor: -1 }
  for (const side of ['input', 'output']) {
    await createTopic(broker, { ...plan, topic: `${channelName}.${side}.state` }, within())
  }
  return channelName
}

export function producerClient(broker: TestBroker, settings = {}): Promise<ProducerClient> {
  return ProducerClient.connect(producerConfig({ bootstrapServers: broker.bootstrapServers, settings }, 1), within())
}

export function consumerClient(broker: TestBroker, groupId: string): Promise<ConsumerClient> {
  return ConsumerClient.connect(consumerConfig(broker, groupId, {}), 65_536, within())
}

/** What the group has committed for a partition; -1 for nothing. */
export async function committedOffset(
  broker: TestBroker,
  group: string,
  topic: string,
  partition = 0
): Promise<number | undefined> {
  return await withClient(broker, group, async client =>
    (await committedOffsets(client, topic, [partition], within())).get(partition)
  )
}

/** Commits as an outside tool would. @param metadata - beside the offset; none by default */
export async function setCommitted(
  broker: TestBroker,
  group: string,
  topic: string,
  offset: number,
  metadata?: string
): Promise<void> {
  await withClient(broker, group, client =>
    client.commits.commit({ topic, partition: 0, offset, leaderEpoch: -1, metadata }, () => true)
  )
}

export async function endOffset(broker: TestBroker, topic: string, partition = 0): Promise<number | undefined> {
  return await withClient(broker, `look.${topic}`, async client =>
    (await endOffsets(client, topic, [partition], within())).get(partition)
  )
}

/** Where the log begins now. */
export async function firstOffset(broker: TestBroker, topic: string, partition = 0): Promise<number | undefined> {
  return await withClient(broker, `look.${topic}`, async client =>
    (await firstOffsets(client, topic, [partition], within())).get(partition)
  )
}

async function withClient<Result>(
  broker: TestBroker,
  group: string,
  act: (client: ConsumerClient) => Promise<Result>
): Promise<Result> {
  const client = await consumerClient(broker, group)
  try {
    return await act(client)
  } finally {
    await client.close(within())
  }
}

/** A producer of node-rdkafka itself. */
export async function plainProducer(broker: TestBroker, settings = {}): Promise<Producer> {
  const producer = new rdkafka.Producer({ 'bootstrap.servers': broker.bootstrapServers, ...settings }, {})
  await new Promise<void>((resolve, reject) => {
    producer.connect({ allTopics: false } as never, error => (error ? reject(error) : resolve()))
  })
  return producer
}

/** Puts raw values into partition 0, in this order. `null` is a tombstone. */
export async function putRaw(broker: TestBroker, topic: string, values: readonly (Buffer | null)[]): Promise<void> {
  // node-rdkafka sends an empty buffer as null, and ours sends no null: each does what it can.
  const [plain, ours] = await Promise.all([plainProducer(broker), producerClient(broker)])
  const handle = ours.openTopic(topic)
  for (const value of values) {
    await (value ? putOne(ours, handle, value) : putNull(plain, topic))
  }
  ours.closeTopic(handle)
  await ours.close()
  await new Promise<void>(resolve => plain.disconnect(() => resolve()))
}

function putOne(client: ProducerClient, topic: number, value: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.produce(topic, value, Uint32Array.of(value.length), Int32Array.of(0), 0, 1, ({ acknowledged, code }) => {
      if (acknowledged === 1) resolve()
      else reject(new Error(`librdkafka's error ${code}`))
    })
  })
}

async function putNull(producer: Producer, topic: string): Promise<void> {
  producer.produce(topic, 0, null)
  await kafkaCall(done => producer.flush(20_000, done))
}

/** A call of node-rdkafka as a promise. */
export function kafkaCall(act: (done: (error?: { message: string } | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => act(error => (error ? reject(new Error(error.message)) : resolve())))
}

/** Lets so many turns of the event loop pass. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}
