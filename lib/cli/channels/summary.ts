/** The table of all channels, a row each. */
import type { ChannelSnapshot } from '../../kafka-channel/index.js'
import { grouped, table } from '../table.js'
import { absentOf, age, counted, countStates, cut, fitted, NONE, type ShownState, wrapped } from './shown.js'

const heading = ['partitions', 'readers', 'writers', 'unread', 'heard']
/** Of a cell of states. */
const WIDEST_STATES = 22
/** Between the columns of a table. */
const GAP = '  '

export function summaryText(place: string, channels: readonly ChannelSnapshot[], width: number): string {
  const title = `${counted(channels.length, 'channel')} at ${place}`
  if (channels.length === 0) return title
  const [first = '', ...rows] = table([heading, ...channels.map(rowOf)]).split('\n')
  const longest = Math.max(...channels.map(({ channelName }) => channelName.length), 'channel'.length)
  const room = width - Math.max(first.length, ...rows.map(row => row.length)) - GAP.length
  const nameWidth = Math.max('channel'.length, Math.min(longest, room))
  const lines = channels.flatMap(({ channelName }, i) => {
    const row = GAP + (rows[i] ?? '')
    if (channelName.length <= nameWidth) return [channelName.padEnd(nameWidth) + row]
    // In a line of its own: it shall be whole, as somebody may want to copy it.
    return [cut(channelName, width), ' '.repeat(nameWidth) + row]
  })
  const notes = channels.flatMap(channel => notesOf(channel).flatMap(note => wrapped(note, width)))
  return [
    title,
    '',
    'channel'.padEnd(nameWidth) + GAP + first,
    ...lines,
    ...(notes.length > 0 ? ['', ...notes] : [])
  ].join('\n')
}

function rowOf({ partitions, groups, writers, unreadRecords }: ChannelSnapshot): (string | number)[] {
  const members = groups.flatMap(group => group.members)
  const absent = groups.reduce((sum, group) => sum + absentOf(group).length, 0)
  const heard = [...members, ...writers].map(({ silentMs }) => silentMs)
  return [
    partitions ?? NONE,
    stateCell(countStates(members, absent)),
    stateCell(countStates(writers)),
    unreadRecords ?? NONE,
    heard.length > 0 ? age(Math.min(...heard)) : NONE
  ]
}

/** As many states as fit, and of how many ends nothing is said. */
function stateCell(counts: readonly [ShownState, number][]): string {
  const items = counts.map(([state, count]) => `${grouped(count)} ${state}`)
  const each = counts.map(([, count]) => count)
  return fitted(items, WIDEST_STATES, ', ', each) || NONE
}

/** What has no column. */
export function notesOf(channel: ChannelSnapshot): string[] {
  const { channelName, deadLetters, malformed, missingTopics, problems } = channel
  return [
    ...(missingTopics.length > 0
      ? [`${channelName} is incomplete: there is no ${missingTopics.join(', and no ')}`]
      : []),
    ...(deadLetters ? [`${channelName}.dead has ${counted(deadLetters, 'record')} that could not be decoded`] : []),
    ...(malformed > 0 ? [`${channelName}: ${counted(malformed, 'malformed record')} in its status topics`] : []),
    ...problems.map(({ code, message }) => `${channelName}: ${message} (${code})`)
  ]
}
