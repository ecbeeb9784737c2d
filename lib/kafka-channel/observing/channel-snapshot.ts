/** What a channel looks like from outside, as plain data. Pure: made of what the status topics and the offsets say. */
import { type EndState, groupsOf, type PeerRecord, type PeerTable } from '../../channel/index.js'
import { partitionsOf } from '../../kafka/index.js'

/** An end of a channel as its messages show it. Times are those of its messages in Kafka. */
export interface EndSnapshot {
  readonly name: string
  /** What it said last. */
  readonly state: EndState
  /** Whether it has not closed, and is silent for longer than the patience and than four of its own heartbeats. */
  readonly isLost: boolean
  /** How long it is in this state, in milliseconds. */
  readonly stateMs: number
  /** How long ago its last message was written, in milliseconds. */
  readonly silentMs: number
  /** What went wrong, of one in `Error`; `null` where it did not say. */
  readonly error: string | null
  /** The counterpart because of whose failure or silence it is in `Error`. */
  readonly blames: string | null
}

/** A reader. */
export interface MemberSnapshot extends EndSnapshot {
  /** In its group; 0 for the principal. */
  readonly index: number
  /** That it reads, ascending; none where its group has another size by now. */
  readonly partitions: readonly number[]
  /** Records of these that are not committed, in offsets; `null` where that is unknown. */
  readonly unreadRecords: number | null
}

/** Readers that share the records of a channel. */
export interface GroupSnapshot {
  /** `null` for a reader of pypz that is not replicated. */
  readonly name: string | null
  /** Members that it should have, as its principal says, or as many as were seen. */
  readonly size: number
  /** Records that its members have not committed, in offsets; `null` where that is unknown. */
  readonly unreadRecords: number | null
  /** Under which it commits in Kafka; several where each member reads all records. */
  readonly groupIds: readonly string[]
  /** By index. */
  readonly members: readonly MemberSnapshot[]
}

/** A writer. */
export interface WriterSnapshot extends EndSnapshot {
  /** By partition, the offset behind its last record, as far as it has said so; `null` for nothing. */
  readonly ends: Readonly<Record<string, number>> | null
}

/** A channel as it was found. Plain data, also as JSON: the same names. */
export interface ChannelSnapshot {
  readonly channelName: string
  /** Those of its three topics that are not there: a channel that is half made, or half deleted. */
  readonly missingTopics: readonly string[]
  /** Of the data topic; `null` where there is none. */
  readonly partitions: number | null
  /** Records in the log, in offsets; `null` where that is unknown. */
  readonly records: number | null
  /** Of the group that has most to read; `null` where there is no group, or it is unknown. */
  readonly unreadRecords: number | null
  readonly groups: readonly GroupSnapshot[]
  /** By name. */
  readonly writers: readonly WriterSnapshot[]
  /** Records in the topic of dead letters, in offsets; `null` where there is no such topic. */
  readonly deadLetters: number | null
  /** Records of the status topics that are no status messages. */
  readonly malformed: number
  /** Why something of this could not be found out, an error each; the rest holds. */
  readonly problems: readonly { readonly code: string; readonly message: string }[]
}

/** A group as it commits. */
export interface CommittingGroup {
  readonly name: string | null
  readonly size: number
  readonly readers: readonly PeerRecord[]
  /** Kafka's, under which it commits; `unread` of `groupSnapshot` has their order. */
  readonly groupIds: readonly string[]
  /** Whether each member reads all records, and commits for itself. */
  readonly isGroupMode: boolean
}

/** @param partitions - of the data topic */
export function committingGroups(table: PeerTable, partitions: number): CommittingGroup[] {
  const { channelName } = table.options
  return groupsOf(table.peers('reader')).map(({ name, size, readers }) => {
    // Else a group has at least as many partitions as members.
    const isGroupMode = size > 1 && partitions === 1
    const isApart = isGroupMode || name === null
    const owners = isApart ? readers.map(reader => reader.name) : [name]
    return { name, size, readers, isGroupMode, groupIds: owners.map(owner => `${owner}.${channelName}`) }
  })
}

/** By partition: records that are not committed. */
export type Unread = ReadonlyMap<number, number>

/** What is to be known of an end beside its record. */
export interface Seeing {
  readonly table: PeerTable
  readonly now: number
  readonly patienceMs: number
}

/** @param unread - of each of its ids; undefined where that is unknown */
export function groupSnapshot(
  { name, size, readers, groupIds, isGroupMode }: CommittingGroup,
  partitions: number,
  unread: readonly (Unread | undefined)[],
  seeing: Seeing
): GroupSnapshot {
  const isApart = groupIds.length > 1
  const members = readers.map((reader, i) => {
    const own = isGroupMode ? [0] : partitionsNow(reader, size, partitions)
    const unreadRecords = sumOf(unread[isApart ? i : 0], own)
    return { ...endSnapshot(reader, seeing), index: reader.groupIndex, partitions: own, unreadRecords }
  })
  const all = unread.map(one => sumOf(one, one ? [...one.keys()] : []))
  return { name, size, unreadRecords: largest(all), groupIds, members }
}

/** A member of a time when its group had another size reads nothing today. */
function partitionsNow({ groupSize, groupIndex }: PeerRecord, size: number, partitions: number): number[] {
  if ((groupSize !== 0 && groupSize !== size) || groupIndex >= size) return []
  return partitionsOf({ index: groupIndex, size }, partitions)
}

export function writerSnapshot(writer: PeerRecord, seeing: Seeing): WriterSnapshot {
  const ends = writer.ends && Object.fromEntries(writer.ends)
  return { ...endSnapshot(writer, seeing), ends }
}

function endSnapshot(peer: PeerRecord, { table, now, patienceMs }: Seeing): EndSnapshot {
  const { name, state, error, blames, lastSeen, stateSince } = peer
  const age = (since: number): number => Math.max(0, Math.round(now - since))
  const isLost = table.isLost(peer, patienceMs)
  return { name, state, isLost, stateMs: age(stateSince), silentMs: age(lastSeen), error, blames }
}

function sumOf(unread: Unread | undefined, partitions: readonly number[]): number | null {
  return unread ? partitions.reduce((sum, partition) => sum + (unread.get(partition) ?? 0), 0) : null
}

/** `null` where one of them is unknown, or there is none. */
export function largest(counts: readonly (number | null)[]): number | null {
  return counts.length === 0 || counts.includes(null) ? null : Math.max(...(counts as number[]))
}
