/** One channel, with its groups, members and writers. */
import type { ChannelSnapshot, EndSnapshot, GroupSnapshot, WriterSnapshot } from '../../kafka-channel/index.js'
import { grouped, table } from '../table.js'
import {
  absentOf,
  age,
  ages,
  counted,
  countStates,
  cut,
  fitted,
  fittedRanges,
  NONE,
  type ShownState,
  stateOf,
  wrapped
} from './shown.js'
import { notesOf } from './summary.js'

/** Beyond so many ends of a kind there is a line for each state. */
const MANY = 20
/** So many errors are told of each. */
const FEW_ERRORS = 5
/** So many members are named that have most to read. */
const FEW_SLOWEST = 3
const INDENT = '  '
/** Of a list of partitions. */
const PARTITIONS_WIDTH = 20
/** Of a list of members that never came. */
const ABSENT_WIDTH = 30
const WRITER_NAME_WIDTH = 34

export interface ReportOptions {
  readonly width: number
  /** Whether each end is shown, however many there are. */
  readonly isAll: boolean
}

export function reportText(channel: ChannelSnapshot, options: ReportOptions): string {
  const { channelName, groups, partitions, records, writers } = channel
  const held = records === null ? '' : `, ${counted(records, 'record')}`
  const lines = [
    channelName,
    `${INDENT}${partitions === null ? 'no data topic' : counted(partitions, 'partition')}${held}`,
    ...notesOf(channel).flatMap(note => wrapped(note, options.width, INDENT)),
    '',
    ...(groups.length === 0 ? [`no reader was ${everHere(channel)}`] : []),
    ...groups.flatMap((group, i) => [...(i > 0 ? [''] : []), ...groupLines(group, options)]),
    '',
    ...(writers.length === 0 ? [`no writer was ${everHere(channel)}`] : writerLines(writers, options))
  ]
  return lines.join('\n')
}

/** Whose messages could not all be read may well have been there. */
function everHere({ problems }: ChannelSnapshot): string {
  return problems.length > 0 ? 'seen' : 'ever here'
}

function groupLines(group: GroupSnapshot, options: ReportOptions): string[] {
  const { members, name, size, unreadRecords } = group
  const absent = absentOf(group)
  const title = name === null ? 'a reader without a group:' : `group ${name} of ${grouped(size)}:`
  const unread = unreadRecords === null ? 'unread unknown' : `${grouped(unreadRecords)} unread`
  const which = fittedRanges(absent, ABSENT_WIDTH)
  const rest = `${unread}${absent.length > 0 ? `, ${grouped(absent.length)} never came: ${which}` : ''}`
  const fits = title.length + 1 + rest.length <= options.width
  const heading = ['index', 'state', 'since', 'heard', 'unread', 'partitions']
  const rows = members.map(member => {
    const own = fittedRanges(member.partitions, PARTITIONS_WIDTH)
    const { index, silentMs, stateMs, unreadRecords } = member
    return [index, stateOf(member), age(stateMs), age(silentMs), unreadRecords ?? NONE, own || NONE]
  })
  const shown = isShownWhole(members, options)
    ? table([heading, ...rows])
    : statesTable(members, 'indices', options, indicesOf, unreadOf)
  return [
    ...(fits ? [`${title} ${rest}`] : [title, INDENT + rest]),
    ...indented(shown),
    ...(isShownWhole(members, options) ? [] : slowestLines(members)),
    ...errorLines(members, options)
  ]
}

/** Who of many has most to read. */
function slowestLines(members: GroupSnapshot['members']): string[] {
  const behind = members.filter(({ unreadRecords }) => unreadRecords !== null && unreadRecords > 0)
  const slowest = behind.sort((a, b) => (b.unreadRecords ?? 0) - (a.unreadRecords ?? 0)).slice(0, FEW_SLOWEST)
  const each = slowest.map(({ index, unreadRecords }) => `${grouped(unreadRecords ?? 0)} by index ${index}`)
  return each.length > 0 ? [`${INDENT}most unread: ${each.join(', ')}`] : []
}

function unreadOf(members: GroupSnapshot['members']): number | string {
  const all = members.map(({ unreadRecords }) => unreadRecords)
  return all.includes(null) ? NONE : all.reduce<number>((sum, unread) => sum + (unread ?? 0), 0)
}

function indicesOf(members: GroupSnapshot['members'], width: number): string {
  return fittedRanges(
    members.map(({ index }) => index),
    width
  )
}

function namesOf(writers: readonly WriterSnapshot[], width: number): string {
  return fitted(
    writers.map(({ name }) => cut(name, WRITER_NAME_WIDTH)),
    width
  )
}

function writerLines(writers: readonly WriterSnapshot[], options: ReportOptions): string[] {
  const heading = ['name', 'state', 'since', 'heard', 'ends']
  const rows = writers.map(writer => {
    const { name, silentMs, stateMs } = writer
    return [cut(name, WRITER_NAME_WIDTH), stateOf(writer), age(stateMs), age(silentMs)]
  })
  const bare = table([heading.slice(0, -1), ...rows]).split('\n')
  const room = options.width - INDENT.length - Math.max(...bare.map(line => line.length)) - 2
  const ends = writers.map(writer => fitted(endsOf(writer), room) || NONE)
  const shown = isShownWhole(writers, options)
    ? table([heading, ...rows.map((row, i) => [...row, ends[i] ?? NONE])])
    : statesTable(writers, 'names', options, namesOf)
  return [counted(writers.length, 'writer'), ...indented(shown), ...errorLines(writers, options)]
}

/** Partition and offset. */
function endsOf({ ends }: WriterSnapshot): string[] {
  return Object.entries(ends ?? {}).map(([partition, end]) => `${partition}:${end}`)
}

function isShownWhole(ends: readonly EndSnapshot[], { isAll }: ReportOptions): boolean {
  return isAll || ends.length <= MANY
}

/** A line for each state. @param called - what its ends are called, for the last column, which is so wide */
function statesTable<End extends EndSnapshot>(
  ends: readonly End[],
  what: string,
  { width }: ReportOptions,
  called: (ends: readonly End[], width: number) => string,
  unread?: (ends: readonly End[]) => number | string
): string {
  const heading = ['state', 'ends', 'since', 'heard', ...(unread ? ['unread'] : [])]
  const byState = countStates(ends).map(([state]) => ofState(ends, state))
  const rows = byState.map(some => [
    stateOf(some[0] as End),
    some.length,
    ages(some.map(({ stateMs }) => stateMs)),
    ages(some.map(({ silentMs }) => silentMs)),
    ...(unread ? [unread(some)] : [])
  ])
  const bare = table([heading, ...rows]).split('\n')
  const room = width - INDENT.length - Math.max(...bare.map(line => line.length)) - 2
  return table([[...heading, what], ...rows.map((row, i) => [...row, called(byState[i] ?? [], room)])])
}

function ofState<End extends EndSnapshot>(ends: readonly End[], state: ShownState): End[] {
  return ends.filter(end => stateOf(end) === state)
}

function errorLines(ends: readonly EndSnapshot[], { isAll, width }: ReportOptions): string[] {
  const failed = ends.filter(({ error, state }) => state === 'Error' && error !== null)
  const shown = isAll ? failed : failed.slice(0, FEW_ERRORS)
  const more = failed.length - shown.length
  return [
    ...shown.flatMap(({ error, name }) => wrapped(`${name}: ${error}`, width, INDENT)),
    ...(more > 0 ? [`${INDENT}… and ${counted(more, 'more error')}`] : [])
  ]
}

function indented(text: string): string[] {
  return text.split('\n').map(line => INDENT + line)
}
