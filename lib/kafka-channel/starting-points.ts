/** Where a reader begins in each of its partitions: behind what is committed, or at the beginning if that is all there. */
import { type ChannelEnd, knownCommits } from '../channel/index.js'
import type { Deadline } from '../deadline.js'
import { ChannelError, type MillraceError, OffsetOutOfRangeError, OffsetsExpiredError } from '../errors.js'
import {
  type Committed,
  committedWithMetadata,
  type ConsumerClient,
  firstOffsets,
  type PartitionConsumer,
  partitionsOf,
  type TopicDescription
} from '../kafka/index.js'
import type { CheckedReaderOptions } from './reader-options.js'

export interface Assigned {
  readonly consumer: PartitionConsumer
  /** Offsets of records that were removed before the group read them, and passed over with `onOffsetOutOfRange: 'earliest'`. */
  readonly lost: number
}

/** A partition in which nothing is committed though its log has a history. */
interface Missing {
  readonly partition: number
  /** Of the first record that the log still has. */
  readonly first: number
  /** The most that the group is known to have committed; 0 for nothing. */
  readonly known: number
}

/**
 * @throws OffsetsExpiredError, OffsetOutOfRangeError where nothing is committed and that is not the beginning, unless
 *   `onOffsetOutOfRange` says to begin where the log does
 */
export async function assign(
  options: CheckedReaderOptions<unknown>,
  consumer: ConsumerClient,
  topic: TopicDescription,
  end: ChannelEnd,
  deadline: Deadline
): Promise<Assigned> {
  const { channelName, group, groupId, isGroupMode, passesGaps } = options
  const partitions = isGroupMode ? [0] : partitionsOf(group, topic.partitionCount)
  const committed = await committedWithMetadata(consumer, channelName, partitions, deadline)
  const isNew = (partition: number): boolean => offsetIn(topic, committed.get(partition)) < 0
  // Asked together here: given as "the beginning", librdkafka would ask for each partition in a request of its own.
  const first = await firstOffsets(consumer, channelName, partitions.filter(isNew), deadline)
  const starts = partitions.map(partition => {
    const offset = (isNew(partition) ? first.get(partition) : committed.get(partition)?.offset) ?? -1
    if (offset < 0) {
      const message = `no broker told the first offset of ${channelName} [${partition}]: open again`
      throw new ChannelError('ERR_MILLRACE_INTERNAL', message)
    }
    return { partition, offset, isCommitted: !isNew(partition) }
  })
  const missing = missingHistory([...first], end, isGroupMode)
  if (missing[0] && !passesGaps) throw missingError(channelName, groupId, missing[0], missing.length - 1)
  const opened = await consumer.open(channelName, starts)
  for (const { partition, first: offset } of missing) {
    // It stands behind what is gone, as if it had been sought there: also a commit before the first record says so.
    const state = opened.partitions.find(({ number }) => number === partition)
    if (state) state.position = offset
  }
  const lost = missing.reduce((sum, { first: offset, known }) => sum + Math.max(0, offset - known), 0)
  return { consumer: opened, lost }
}

/** @returns -1 where nothing is committed. An offset in another topic of the same name is none in this one. */
export function offsetIn(topic: Pick<TopicDescription, 'id'>, committed: Committed | undefined): number {
  const { offset = -1, metadata = '' } = committed ?? {}
  return metadata !== '' && metadata !== topic.id ? -1 : offset
}

function missingHistory(first: readonly [number, number][], end: ChannelEnd, isGroupMode: boolean): Missing[] {
  const { rules } = end.status
  const known = knownCommits(end, isGroupMode)
  return first
    .map(([partition, offset]) => ({ partition, first: offset, known: known.get(partition) ?? 0 }))
    .filter(one => !rules.beginsAtZero(one.first, one.known))
}

/** @param others - partitions of which the same can be said */
function missingError(
  topic: string,
  groupId: string,
  { partition, first, known }: Missing,
  others: number
): MillraceError {
  const alike = others > 0 ? `, and ${others} more of its partitions are like it` : ''
  const remedy = `open with onOffsetOutOfRange: 'earliest', which begins at ${first} and counts in lost what is gone, or`
  if (known === 0) {
    const message =
      `${topic} [${partition}] has no longer what stood before offset ${first}, and the group ${groupId} has committed ` +
      `nothing there${alike}: records were removed before the group read them. To go on without them, ${remedy} set ` +
      'where it shall begin with kafka-consumer-groups --reset-offsets'
    return new OffsetOutOfRangeError(topic, partition, 0, message)
  }
  const message =
    `the group ${groupId} had committed ${topic} [${partition}] up to offset ${known}, as the status messages tell, and ` +
    `Kafka knows nothing of it any more${alike}: offsets of a group expire offsets.retention.minutes (mostly 7 days) after ` +
    `its last commit, or somebody has deleted them. To read again what the log has, ${remedy}, to go on behind what was ` +
    `committed, set that with kafka-consumer-groups --reset-offsets --to-offset ${known}`
  return new OffsetsExpiredError(topic, partition, known, first, message)
}
