/** What the status log knows of the commits of a reader's group, whatever Kafka has forgotten of them. */
import type { ChannelEnd } from './channel-end.js'
import type { Ends } from './end-report.js'

/**
 * Looked at in all members, since another one may have read a partition when the group had another size.
 *
 * @param isAlone - whether each member is a group of its own in Kafka
 * @returns the most that was said to be committed in each partition of the end's topic
 */
export function knownCommits({ self, status, report, record }: ChannelEnd, isAlone: boolean): Ends {
  const { topicId } = report
  if (isAlone) return (record?.topicId === topicId && record.committed) || new Map<number, number>()
  const { table } = status
  return table.once(`commits of ${self.groupName} in ${topicId}`, () => {
    const known = new Map<number, number>()
    for (const peer of table.peers('reader')) {
      if (peer.groupName !== self.groupName || peer.topicId !== topicId) continue
      for (const [partition, offset] of peer.committed ?? []) {
        known.set(partition, Math.max(offset, known.get(partition) ?? 0))
      }
    }
    return known
  })
}
