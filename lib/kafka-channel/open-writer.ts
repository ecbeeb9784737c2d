/** Opens a writer: its clients, the channel's topics, and its place in the channel. */
import type { Deadline } from '../deadline.js'
import {
  type ClientOptions,
  type Lease,
  ProducerClient,
  producerConfig,
  SharedClients,
  shareKey
} from '../kafka/index.js'
import { type ChannelTopicIds, TopicsGoneError, waitForTopics } from './channel-topics.js'
import { type Entered, enterChannel } from './enter-channel.js'
import { leaseAll } from './lease-all.js'
import { leaseStatusConsumer, leaseStatusProducer } from './shared-status.js'
import type { CheckedWriterOptions } from './writer-options.js'

/** Of this process's writers, by their configuration. */
export const writerClients = new SharedClients<ProducerClient>()

/** A writer that is open: its place in the channel, and its holds on what it shares. */
export interface OpenWriter extends Entered {
  readonly ids: ChannelTopicIds
  readonly client: Lease<ProducerClient>
  /** For questions about topics. */
  readonly admin: Lease<ProducerClient>
}

export async function openWriter(options: CheckedWriterOptions<unknown>, deadline: Deadline): Promise<OpenWriter> {
  const { client: clientOptions, channelName, name } = options
  // Refused before anything connects.
  producerConfig(clientOptions, 1)
  const [admin, statusConsumer] = await leaseAll(
    leaseStatusProducer(clientOptions, deadline),
    leaseStatusConsumer(clientOptions, deadline)
  )
  try {
    for (;;) {
      const ids = await waitForTopics(admin.client, channelName, 1, deadline)
      const client = await leaseProducer(clientOptions, ids.data.partitionCount, deadline)
      try {
        const self = { role: 'writer', name, groupName: null, groupIndex: 0, groupSize: 1 } as const
        const entered = await enterChannel(options, self, ids, ids.data.partitionCount, async () => undefined, deadline)
        return { ...entered, ids, client, admin }
      } catch (error) {
        await client.release()
        // The topics of the run before were still there and are gone now: once more, with those that come.
        if (!(error instanceof TopicsGoneError)) throw error
        deadline.check(`the topics of ${channelName}`, error)
      }
    }
  } catch (error) {
    await admin.release()
    throw error
  } finally {
    // The channel's status has it now, or nobody.
    await statusConsumer.release()
  }
}

function leaseProducer(
  options: ClientOptions,
  partitionCount: number,
  deadline: Deadline
): Promise<Lease<ProducerClient>> {
  const config = producerConfig(options, partitionCount)
  return writerClients.lease(
    shareKey(config),
    options.bootstrapServers,
    tell => ProducerClient.connect(config, deadline, tell),
    deadline
  )
}
