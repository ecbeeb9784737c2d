/** The status of a channel as all of this process's ends on it share it: one consumer and one producer, one table. */
import { ChannelStatus, type Role, rules } from '../channel/index.js'
import { type Deadline, systemClock } from '../deadline.js'
import {
  type ClientOptions,
  type Connect,
  ConsumerClient,
  consumerConfig,
  firstOffsets,
  type Lease,
  MessageProducer,
  ofBothRoles,
  ProducerClient,
  producerConfig,
  SharedClients,
  shareKey
} from '../kafka/index.js'
import type { ChannelTopicIds } from './channel-topics.js'
import { KafkaStatusLog, type StatusTopic } from './kafka-status-log.js'
import { leaseAll } from './lease-all.js'

/** Kafka's group id of status consumers, which are assigned and never commit: nothing is ever kept under it. */
const GROUP_ID = 'millrace.status'
/** Status messages are small; so much is fetched ahead of both topics of a channel. */
const prefetch = {
  'queued.max.messages.kbytes': 4096,
  'fetch.message.max.bytes': 1024 * 1024,
  'fetch.queue.backoff.ms': 1
}
const SLAB_BYTES = 64 * 1024
/** How often to look whether the log can be read, and the topics are still the same. */
const CONFIRM_MS = 5000
/** Malformed messages are told about once in this time. */
const WARNING_MS = 60_000

export class SharedStatus {
  private constructor(
    readonly status: ChannelStatus,
    readonly ids: ChannelTopicIds,
    private readonly log: KafkaStatusLog,
    private readonly consumer: Lease<ConsumerClient>,
    private readonly producer: Lease<ProducerClient>
  ) {}

  static async connect(options: ClientOptions, ids: ChannelTopicIds, deadline: Deadline): Promise<SharedStatus> {
    const [producer, consumer] = await leaseAll(
      leaseStatusProducer(options, deadline),
      leaseStatusConsumer(options, deadline)
    )
    try {
      const [reader, writer] = await Promise.all([
        openTopic('reader', ids, consumer.client, producer.client, deadline),
        openTopic('writer', ids, consumer.client, producer.client, deadline)
      ])
      const log = new KafkaStatusLog(producer.client, { reader, writer }, ids)
      const channelName = ids.data.name
      const onMalformed = warner(channelName)
      const status = new ChannelStatus({
        channelName,
        log,
        clock: systemClock,
        rules,
        confirmMs: CONFIRM_MS,
        onMalformed
      })
      return new SharedStatus(status, ids, log, consumer, producer)
    } catch (error) {
      await Promise.all([consumer.release(deadline), producer.release(deadline)])
      throw error
    }
  }

  async close(deadline: Deadline): Promise<void> {
    this.status.close()
    this.log.close()
    await Promise.all([this.consumer.release(deadline), this.producer.release(deadline)])
  }
}

const consumers = new SharedClients<ConsumerClient>()
const producers = new SharedClients<ProducerClient>()
const statuses = new SharedClients<SharedStatus>()

/** A client of this process that is neither the data's nor bound to a group: also for questions about topics. */
export function leaseStatusProducer(options: ClientOptions, deadline: Deadline): Promise<Lease<ProducerClient>> {
  const config = producerConfig(ofBothRoles(options), 1)
  const connect: Connect<ProducerClient> = tell => ProducerClient.connect(config, deadline, tell)
  return producers.lease(shareKey(config), options.bootstrapServers, connect, deadline)
}

/** The client of this process that reads status topics, of all its channels. */
export function leaseStatusConsumer(options: ClientOptions, deadline: Deadline): Promise<Lease<ConsumerClient>> {
  const config = consumerConfig(ofBothRoles(options), GROUP_ID, prefetch)
  const connect: Connect<ConsumerClient> = tell => ConsumerClient.connect(config, SLAB_BYTES, deadline, tell)
  return consumers.lease(shareKey(config), options.bootstrapServers, connect, deadline)
}

/** The status of a channel on the topics with these ids. */
export function leaseStatus(
  options: ClientOptions,
  ids: ChannelTopicIds,
  deadline: Deadline
): Promise<Lease<SharedStatus>> {
  const config = producerConfig(ofBothRoles(options), 1)
  const topics = [ids.data, ids.status.reader, ids.status.writer]
  const key = [shareKey(config), ...topics.map(({ name, id }) => `${name}/${id}`)].join(' ')
  const connect = (): Promise<SharedStatus> => SharedStatus.connect(options, ids, deadline)
  return statuses.lease(key, options.bootstrapServers, connect, deadline)
}

async function openTopic(
  role: Role,
  { status }: ChannelTopicIds,
  client: ConsumerClient,
  producer: ProducerClient,
  deadline: Deadline
): Promise<StatusTopic> {
  const { name } = status[role]
  const first = await firstOffsets(producer, name, [0], deadline)
  const consumer = await client.open(name, [{ partition: 0, offset: first.get(0) ?? 0, isCommitted: false }])
  return { consumer, producer: new MessageProducer(producer, name) }
}

function warner(channelName: string): (problem: string) => void {
  let last = -Infinity
  return problem => {
    if (performance.now() - last < WARNING_MS) return
    last = performance.now()
    process.emitWarning(`a record in the status topics of ${channelName} is no status message: ${problem}`, {
      code: 'MILLRACE_STATUS_MALFORMED'
    })
  }
}
