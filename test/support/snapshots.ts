/** Channels as an observer would have found them, made up. */
import type { ChannelSnapshot, EndSnapshot, GroupSnapshot, MemberSnapshot, WriterSnapshot } from 'millrace'

const end: EndSnapshot = {
  name: 'end',
  state: 'Started',
  isLost: false,
  stateMs: 300_000,
  silentMs: 1000,
  error: null,
  blames: null
}

export function memberOf(groupName: string, index: number, changes: Partial<MemberSnapshot> = {}): MemberSnapshot {
  const name = index === 0 ? groupName : `${groupName}.${index}`
  return { ...end, name, index, partitions: [index], unreadRecords: 0, ...changes }
}

/** @param changes - of its members, by index */
export function groupOf(
  name: string,
  size: number,
  changes: Readonly<Record<number, Partial<MemberSnapshot>>> = {}
): GroupSnapshot {
  const members = Array.from({ length: size }, (_, index) => memberOf(name, index, changes[index]))
  const unreadRecords = members.reduce((sum, member) => sum + (member.unreadRecords ?? 0), 0)
  return { name, size, unreadRecords, groupIds: [`${name}.channel`], members }
}

export function writerOf(name: string, changes: Partial<WriterSnapshot> = {}): WriterSnapshot {
  return { ...end, ends: null, ...changes, name }
}

export function channelOf(channelName: string, changes: Partial<ChannelSnapshot> = {}): ChannelSnapshot {
  const groups = changes.groups ?? [groupOf('samplers', 3)]
  const unread = groups.map(({ unreadRecords }) => unreadRecords ?? 0)
  return {
    channelName,
    missingTopics: [],
    partitions: 3,
    records: 1000,
    unreadRecords: groups.length > 0 ? Math.max(...unread) : null,
    groups,
    writers: [writerOf('sensor')],
    deadLetters: null,
    malformed: 0,
    problems: [],
    ...changes
  }
}
