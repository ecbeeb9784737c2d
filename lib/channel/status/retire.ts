/** How the principal reader deletes a channel's topics: nothing unread goes, and nobody who has just come. */
import type { Deadline } from '../../deadline.js'
import type { ChannelEnd } from './channel-end.js'
import type { Ends } from './end-report.js'
import { fewOf, type PeerRecord } from './peer.js'
import { endsOf } from './rules.js'

/** What the principal asks of the topics, and does to them. */
export interface ChannelTopics {
  /** The group's committed offset of each partition. */
  committed(partitions: readonly number[], deadline: Deadline): Promise<Ends>
  /** Behind the last record of each partition, whoever wrote it. */
  ends(deadline: Deadline): Promise<Ends>
  /** Deletes the data topic and both status topics; undefined for one that may not. */
  readonly deleteTopics: ((deadline: Deadline) => Promise<void>) | undefined
}

/**
 * Waits until all others have closed, readers and writers, and every named end is committed.
 * @returns undefined when it is so; else why that will not come
 * @throws TimeoutError that says who did not close
 */
export async function untilRunIsOver(
  end: ChannelEnd,
  topics: ChannelTopics,
  deadline: Deadline
): Promise<string | undefined> {
  const { status } = end
  for (;;) {
    const reason = await status.until(
      () => closedOrHopeless(end),
      deadline,
      () => openEnds(end)
    )
    if (reason !== 'closed') return reason
    if (await isCommitted(end, topics, deadline)) return undefined
    // Members that closed early, or in an earlier run, will come again and read what is left.
    await status.nextChange(deadline, () => `all of ${status.channelName} to be committed by its members`)
  }
}

/**
 * Deletes the topics of a run that is over, if nobody has opened after that was announced.
 * @returns why they are kept; undefined when they are deleted
 */
export async function retire(end: ChannelEnd, topics: ChannelTopics, deadline: Deadline): Promise<string | undefined> {
  const { status } = end
  if (!topics.deleteTopics) return 'this end may not delete topics'
  await end.tell({ state: 'Retiring' }, deadline)
  for (;;) {
    const lookedAt = status.clock.now()
    await end.ensureNewest(deadline)
    if (closedOrHopeless(end) !== 'closed' || !(await isCommitted(end, topics, deadline))) {
      await end.tell({ state: 'Stopped' }, deadline)
      return 'somebody has opened the channel anew'
    }
    // It may have stood still since it looked, and somebody have opened in its place.
    if (status.rules.isFresh(lookedAt, status.clock.now())) break
  }
  await topics.deleteTopics(deadline)
  return undefined
}

/** @returns undefined while others may still close; else `closed`, or why that will not come */
function closedOrHopeless(end: ChannelEnd): string | undefined {
  if (end.failure) throw end.failure
  const { table, rules } = end.status
  const readers = othersOf(end)
  const writers = table.peers('writer')
  const stranger = readers.find(({ groupName }) => groupName !== end.self.groupName)
  if (stranger) return `${stranger.name} of another group reads the channel too`
  if (rules.maySoonBeDeleted(readers, writers, end.self)) return 'closed'
  const dead = [...readers, ...writers].find(peer => peer.state === 'Error' || end.isLost(peer))
  return dead && `the ${dead.role} ${dead.name} ${dead.state === 'Error' ? 'has failed' : 'is lost'}`
}

/** The other readers, but for those that are lost since the group had another size: their partitions have new owners. */
function othersOf(end: ChannelEnd): readonly PeerRecord[] {
  const { self, status } = end
  return status.table
    .peers('reader')
    .filter(peer => peer.name !== self.name && !(peer.groupSize !== self.groupSize && end.isLost(peer)))
}

function openEnds(end: ChannelEnd): string {
  const { self, status } = end
  const others = othersOf(end)
  const names = [...others, ...status.table.peers('writer')]
    .filter(({ state }) => state !== 'Closed')
    .map(({ name }) => name)
  const missing = self.groupSize - 1 - others.filter(({ groupSize }) => groupSize === self.groupSize).length
  if (missing > 0) names.push(`${missing} members that never opened`)
  return `${fewOf(names)} to close, so that the topics of ${status.channelName} can be deleted`
}

async function isCommitted(end: ChannelEnd, topics: ChannelTopics, deadline: Deadline): Promise<boolean> {
  const { table, rules } = end.status
  const writers = table.peers('writer')
  // All are closed, so that what they wrote is in the log, also of those that do not say where it ends.
  const isVague = writers.some(writer => writer.ends === null)
  const ends = isVague ? await topics.ends(deadline) : endsOf(writers)
  const committed = await topics.committed([...ends.keys()], deadline)
  return [...ends].every(([partition, at]) => at === 0 || rules.isCommitted(committed.get(partition) ?? 0, at))
}
