/** Opens a member of a group: its clients, the topics, its place in the channel, where to begin, and the assignment. */
import { type ChannelEnd, type EndIdentity, writersOf } from '../channel/index.js'
import type { Deadline } from '../deadline.js'
import { ChannelError } from '../errors.js'
import {
  type Connect,
  ConsumerClient,
  consumerConfig,
  type Lease,
  prefetchSettings,
  type ProducerClient,
  SharedClients,
  shareKey
} from '../kafka/index.js'
import { type ChannelTopicIds, ensureTopics, TopicsGoneError, waitForTopics } from './channel-topics.js'
import { type Entered, enterChannel } from './enter-channel.js'
import { leaseAll } from './lease-all.js'
import { leaseDeadLetterProducer, type OpenDeadLetters, openDeadLetters } from './open-dead-letters.js'
import type { CheckedReaderOptions } from './reader-options.js'
import { leaseStatusConsumer, leaseStatusProducer } from './shared-status.js'
import { assign, type Assigned } from './starting-points.js'
import { WriterSchemas } from './writer-schemas.js'

const clients = new SharedClients<ConsumerClient>()

/** A member that is open: its partitions, its place in the channel, and its holds on what it shares. */
export interface OpenReader extends Entered, Assigned {
  readonly ids: ChannelTopicIds
  /** Of the writers, as far as they have announced them. */
  readonly schemas: WriterSchemas
  readonly deadLetters: OpenDeadLetters | undefined
  readonly client: Lease<ConsumerClient>
  /** For questions about topics, and what the principal does to them. */
  readonly admin: Lease<ProducerClient>
}

/** What a member is called in the status log. */
export function readerIdentity({ group, name }: CheckedReaderOptions<unknown>): EndIdentity {
  return { role: 'reader', name, groupName: group.name, groupIndex: group.index, groupSize: group.size }
}

export async function openReader(options: CheckedReaderOptions<unknown>, deadline: Deadline): Promise<OpenReader> {
  const { client: clientOptions, channelName, groupId, group, maxBatchBytes, prefetchBytes } = options
  const config = consumerConfig(clientOptions, groupId, prefetchSettings(prefetchBytes, group.size))
  const connect: Connect<ConsumerClient> = tell => ConsumerClient.connect(config, maxBatchBytes, deadline, tell)
  const servers = clientOptions.bootstrapServers
  const [client, admin, statusConsumer, letters] = await leaseAll(
    clients.lease(`${shareKey(config)} ${maxBatchBytes}`, servers, connect, deadline),
    leaseStatusProducer(clientOptions, deadline),
    leaseStatusConsumer(clientOptions, deadline),
    options.writesDeadLetters ? leaseDeadLetterProducer(clientOptions, deadline) : Promise.resolve(undefined)
  )
  try {
    for (;;) {
      const ids = await topicsOf(options, admin.client, deadline)
      const deadLetters = letters && (await openDeadLetters(letters, admin.client, channelName, deadline))
      let assigned: Assigned | undefined
      const prepare = async (end: ChannelEnd): Promise<Assigned & Pick<OpenReader, 'schemas'>> => {
        const schemas = new WriterSchemas(options.decoder, end.status, options.isPlain)
        schemas.learnAll(writersOf(end))
        assigned = await assign(options, client.client, ids.data, end, deadline)
        return { schemas, ...assigned }
      }
      try {
        const entered = await enterChannel(options, readerIdentity(options), ids, options.writers, prepare, deadline)
        return { ...entered, ...entered.prepared, ids, deadLetters, client, admin }
      } catch (error) {
        assigned?.consumer.close()
        // The topics of the run before were still there and are gone now: once more, with those that come.
        if (!(error instanceof TopicsGoneError)) throw error
        deadline.check(`the topics of ${channelName}`, error)
      }
    }
  } catch (error) {
    await Promise.all([client.release(), admin.release(), letters?.release()])
    throw error
  } finally {
    // The channel's status has it now, or nobody.
    await statusConsumer.release()
  }
}

/** The channel's topics: the principal creates them when there are none, the others wait for them. */
async function topicsOf(
  options: CheckedReaderOptions<unknown>,
  admin: ProducerClient,
  deadline: Deadline
): Promise<ChannelTopicIds> {
  const { client, channelName, group, partitions, resources } = options
  if (group.index === 0 && resources !== 'existing') {
    await ensureTopics(client, admin, channelName, partitions, options, deadline)
    return await waitForTopics(admin, channelName, partitions, deadline)
  }
  // Where somebody may add partitions, the principal is about to.
  const ids = await waitForTopics(admin, channelName, resources === 'existing' ? 1 : partitions, deadline)
  if (ids.data.partitionCount >= partitions) return ids
  throw new ChannelError(
    'ERR_MILLRACE_TOPIC_UNFIT',
    `the topic ${channelName} has ${ids.data.partitionCount} partitions, too few for the ${group.size} members of the ` +
      `group ${group.name}: add partitions to it, or open a group of ${ids.data.partitionCount}`
  )
}
