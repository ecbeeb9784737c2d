/** The status of a channel as all of this process's ends on it share it: one consumer and one producer, one table. */
import { ChannelStatus, type Role, rules } from '../channel/index.js'
import { type Deadline, systemClock } from '../deadline.js'
import {
  type ClientOptions,
  type Connect,
  ConsumerClient,
  consumerConfig,
  type KafkaSettings,
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
import { STATUS_SLAB_BYTES, StatusFeed, statusPrefetch } from './status-feed.js'

/** Kafka's group id of status consumers, which are assigned and never commit: nothing is ever kept under it. */
const GROUP_ID = 'millrace.status'
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
  const config = statusConsumerConfig(options)
  const connect: Connect<ConsumerClient> = tell => connectStatusConsumer(options, deadline, tell)
  return consumers.lease(shareKey(config), options.bootstrapServers, connect, deadline)
}

/** One of its own, for somebody who reads the same topics once more: a client reads each only once. */
export function connectStatusConsumer(
  options: ClientOptions,
  deadline: Deadline,
  tell?: (reason: string) => void
): Promise<ConsumerClient> {
  return ConsumerClient.connect(statusConsumerConfig(options), STATUS_SLAB_BYTES, deadline, tell)
}

function statusConsumerConfig(options: ClientOptions): KafkaSettings {
  return consumerConfig(ofBothRoles(options), GROUP_ID, statusPrefetch)
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
  const feed = await StatusFeed.open(name, client, producer, deadline)
  return { feed, producer: new MessageProducer(producer, name) }
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
