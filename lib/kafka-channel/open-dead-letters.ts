/** What a reader needs to write records that it cannot decode to the channel's topic of dead letters. */
import type { Deadline } from '../deadline.js'
import {
  type ClientOptions,
  type Connect,
  type Lease,
  ofBothRoles,
  ProducerClient,
  producerConfig,
  SharedClients,
  shareKey,
  type TopicDescription,
  type TopicObserver,
  waitForTopic
} from '../kafka/index.js'
import { deadLetterTopic } from './channel-topics.js'

/** Of this process's readers. Not that of the status messages: a large letter would hold up what says that we are here. */
const clients = new SharedClients<ProducerClient>()

const settings = {
  // The largest that librdkafka takes. What is too large for the topic, the broker says: the record fitted into another.
  'message.max.bytes': 1_000_000_000,
  // The broker refuses a whole batch: together, letters that fit would be refused with one that does not.
  'batch.num.messages': 1
}

export interface OpenDeadLetters {
  readonly producer: Lease<ProducerClient>
  readonly topic: TopicDescription
}

export function leaseDeadLetterProducer(options: ClientOptions, deadline: Deadline): Promise<Lease<ProducerClient>> {
  const config = { ...producerConfig(ofBothRoles(options), 1), ...settings }
  const connect: Connect<ProducerClient> = tell => ProducerClient.connect(config, deadline, tell)
  return clients.lease(shareKey(config), options.bootstrapServers, connect, deadline)
}

/** Waits for the topic, as for the others of the channel. */
export async function openDeadLetters(
  producer: Lease<ProducerClient>,
  observer: TopicObserver,
  channelName: string,
  deadline: Deadline
): Promise<OpenDeadLetters> {
  return { producer, topic: await waitForTopic(observer, deadLetterTopic(channelName), deadline) }
}

/** A client that has failed for good: who opens next gets another. */
export function replaceDeadLetterProducer(client: ProducerClient): void {
  clients.replace(client)
}
