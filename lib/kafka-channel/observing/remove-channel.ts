/** Deletes what a channel took, for somebody who has no end in it. */
import type { Deadline } from '../../deadline.js'
import { MillraceError } from '../../errors.js'
import { deleteTopics, groupCommits, type ProducerClient } from '../../kafka/index.js'
import { deadLetterTopic, statusTopic } from '../channel-topics.js'
import { checkConnection, clientOf, type ConnectionOptions } from '../options.js'
import { leaseStatusProducer } from '../shared-status.js'
import type { ChannelSnapshot } from './channel-snapshot.js'

/** What became of a channel. */
export interface Removed {
  /** Topics that were there. */
  readonly topics: readonly string[]
  /** Kafka's groups that still have offsets of the channel, or do not say. */
  readonly keptGroups: readonly string[]
}

/** How long Kafka may take to forget the offsets of partitions that are gone. */
const FORGET_MS = 3000
const POLL_MS = 100

/**
 * Deletes the channel's topics, the status topics first, and makes sure that Kafka forgets what is committed in them: it
 * does so by itself when a topic goes.
 *
 * @param withDeadLetters - whether `<channelName>.dead` goes too
 */
export async function removeChannel(
  options: ConnectionOptions,
  { channelName, groups, partitions }: ChannelSnapshot,
  withDeadLetters: boolean,
  deadline: Deadline
): Promise<Removed> {
  checkConnection(options)
  const clientOptions = clientOf(options)
  const lease = await leaseStatusProducer(clientOptions, deadline)
  try {
    const topics = [statusTopic(channelName, 'reader'), statusTopic(channelName, 'writer'), channelName]
    if (withDeadLetters) topics.push(deadLetterTopic(channelName))
    const wereThere = await deleteTopics(clientOptions, lease.client, topics, deadline)
    const groupIds = groups.flatMap(group => group.groupIds)
    const all = Array.from({ length: partitions ?? 0 }, (_, i) => i)
    const kept = await Promise.all(
      groupIds.map(id => remembers(lease.client, id, channelName, all, deadline.within(FORGET_MS)))
    )
    return { topics: topics.filter((_, i) => wereThere[i]), keptGroups: groupIds.filter((_, i) => kept[i]) }
  } finally {
    await lease.release()
  }
}

async function remembers(
  client: ProducerClient,
  groupId: string,
  topic: string,
  partitions: readonly number[],
  until: Deadline
): Promise<boolean> {
  if (partitions.length === 0) return false
  for (;;) {
    const committed = await groupCommits(client, groupId, topic, partitions, until).catch((error: unknown) => {
      // The topics are gone: that it cannot be asked undoes nothing of it.
      if (error instanceof MillraceError) return undefined
      throw error
    })
    if (!committed) return true
    if ([...committed.values()].every(({ offset }) => offset < 0)) return false
    if (until.remainingMs <= POLL_MS) return true
    await until.pause(POLL_MS, `the offsets of the group ${groupId} to be forgotten`)
  }
}
