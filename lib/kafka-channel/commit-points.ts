/** A commit point for each partition of a reader that opens. */
import { endOffsets, type PartitionState } from '../kafka/index.js'
import { CommitPoint } from './commit-point.js'
import type { OpenReader } from './open-reader.js'

export function commitPointsOf({ consumer, client, ids }: OpenReader): Map<PartitionState, CommitPoint> {
  const { topic, partitions } = consumer
  const { commits } = client.client
  const topicId = ids.data.id
  return new Map(
    partitions.map(state => {
      const { number: partition, start } = state
      const committed = start.isCommitted ? start.offset : -1
      const point = new CommitPoint({
        commits,
        topic,
        partition,
        committed,
        topicId,
        endOffset: async deadline =>
          (await endOffsets(client.client, topic, [partition], deadline)).get(partition) ?? -1
      })
      return [state, point]
    })
  )
}
