/** How far a reader is behind the end of its partitions. */
import type { Deadline } from '../deadline.js'
import { BrokerError, TimeoutError } from '../errors.js'
import { endOffsets, type PartitionConsumer, type PartitionState } from '../kafka/index.js'

/**
 * @param positionOf - the offset of the next record of a partition
 * @returns offsets, of all partitions together; null when no broker answered for one of them, which is not 0
 */
export async function lagOf(
  { client, topic, partitions }: PartitionConsumer,
  positionOf: (partition: PartitionState) => number,
  deadline: Deadline
): Promise<number | null> {
  try {
    const numbers = partitions.map(({ number }) => number)
    const ends = await endOffsets(client, topic, numbers, deadline)
    let lag = 0
    for (const partition of partitions) {
      const end = ends.get(partition.number) ?? -1
      if (end < 0) return null
      lag += Math.max(0, end - positionOf(partition))
    }
    return lag
  } catch (error) {
    if (error instanceof TimeoutError || (error instanceof BrokerError && error.isRetriable)) return null
    throw error
  }
}
