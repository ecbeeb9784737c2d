/** Opens a writer: its clients, the channel's topics, and its place in the channel. */
import { randomBytes } from 'node:crypto'
import { ChannelEnd } from '../channel/index.js'
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
import { leaseStatus, leaseStatusProducer, type SharedStatus } from './shared-status.js'
import type { CheckedWriterOptions } from './writer-options.js'

/** Of this process's writers, by their configuration. */
export const writerClients = new SharedClients<ProducerClient>()

/** A writer that is open: its place in the channel, and its holds on what it shares. */
export interface OpenWriter {
  readonly end: ChannelEnd
  readonly ids: ChannelTopicIds
  readonly client: Lease<ProducerClient>
  readonly status: Lease<SharedStatus>
  readonly admin: Lease<ProducerClient>
  /** Has a function called after each change in what is known of the channel's other ends. */
  readonly listen: (onChange: () => void) => void
}

export async function openWriter(options: CheckedWriterOptions<unknown>, deadline: Deadline): Promise<OpenWriter> {
  const { client: clientOptions, channelName } = options
  // Refused before anything connects.
  producerConfig(clientOptions, 1)
  const admin = await leaseStatusProducer(clientOptions, deadline)
  try {
    for (;;) {
      const ids = await waitForTopics(admin.client, channelName, 1, deadline)
      const client = await leaseProducer(clientOptions, ids.data.partitionCount, deadline)
      let status: Lease<SharedStatus> | undefined
      let onChange = (): void => undefined
      const listen = (listener: () => void): void => void (onChange = listener)
      try {
        status = await leaseStatus(clientOptions, ids, options, deadline)
        const end = await openEnd(options, status.client, ids, () => onChange(), deadline)
        await end.tell({ state: 'Started' }, deadline)
        return { end, ids, client, status, admin, listen }
      } catch (error) {
        await Promise.all([client.release(), status?.release(deadline)])
        // The topics of the run before were still there and are gone now: once more, with those that come.
        if (!(error instanceof TopicsGoneError)) throw error
        deadline.check(`the topics of ${channelName}`, error)
      }
    }
  } catch (error) {
    await admin.release()
    throw error
  }
}

function openEnd(
  { type, name, heartbeatMs }: CheckedWriterOptions<unknown>,
  { status }: SharedStatus,
  ids: ChannelTopicIds,
  onChange: () => void,
  deadline: Deadline
): Promise<ChannelEnd> {
  return ChannelEnd.open(
    {
      status,
      self: { role: 'writer', name, groupName: null, groupIndex: 0, groupSize: 1 },
      incarnation: randomBytes(8).toString('hex'),
      partitionCount: ids.data.partitionCount,
      heartbeatMs,
      schema: { fingerprint: type.fingerprint, json: type.toString() },
      wallClock: Date.now,
      onChange
    },
    deadline
  )
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
    () => ProducerClient.connect(config, deadline),
    deadline
  )
}
