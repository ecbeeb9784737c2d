/** How the parts of a channel are put into words and fitted into a line. */
import type { EndSnapshot, GroupSnapshot } from '../../kafka-channel/index.js'
import { grouped } from '../table.js'

/** What cannot be known, or does not apply. */
export const NONE = '-'

/** Those first that somebody must look at. */
const states = ['error', 'lost', 'absent', 'retiring', 'opened', 'started', 'stopped', 'closed'] as const
export type ShownState = (typeof states)[number]

/** One that has failed has said why, which is more than that it is silent since. */
export function stateOf({ isLost, state }: EndSnapshot): ShownState {
  return isLost && state !== 'Error' ? 'lost' : (state.toLowerCase() as ShownState)
}

/** @returns how many there are of each state, the worst first */
export function countStates(ends: readonly EndSnapshot[], absent = 0): [ShownState, number][] {
  const counts = new Map<ShownState, number>([['absent', absent]])
  for (const end of ends) counts.set(stateOf(end), (counts.get(stateOf(end)) ?? 0) + 1)
  return states.map((state): [ShownState, number] => [state, counts.get(state) ?? 0]).filter(([, count]) => count > 0)
}

/** Indices of members of which nothing was ever heard, ascending. */
export function absentOf({ members, size }: GroupSnapshot): number[] {
  const came = new Set(members.map(({ index }) => index))
  return Array.from({ length: size }, (_, index) => index).filter(index => !came.has(index))
}

/** In the one unit that tells most. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${grouped(Math.floor(seconds / 86_400))} d`
}

/** From the youngest to the oldest. */
export function ages(all: readonly number[]): string {
  const [youngest, oldest] = [age(Math.min(...all)), age(Math.max(...all))]
  return youngest === oldest ? youngest : `${youngest} to ${oldest}`
}

/**
 * As many as fit, and how many more there are; at least the first.
 * @param counts - how many each item stands for
 */
export function fitted(items: readonly string[], width: number, separator = ' ', counts = items.map(() => 1)): string {
  const all = items.join(separator)
  if (all.length <= width) return all
  let [text, rest] = ['', counts.reduce((sum, count) => sum + count, 0)]
  for (const [i, item] of items.entries()) {
    const longer = i === 0 ? item : text + separator + item
    const left = rest - (counts[i] ?? 0)
    const more = left > 0 ? `${separator}+${grouped(left)}` : ''
    if (longer.length + more.length > width && i > 0) return `${text}${separator}+${grouped(rest)}`
    ;[text, rest] = [longer, left]
  }
  return text
}

/** Without its middle where it is longer. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text
  const head = Math.ceil((width - 1) / 2)
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`
}

/** Ascending numbers as ranges, such as `0-41 43`. */
export function ranges(numbers: readonly number[]): string[] {
  const all: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = all.at(-1)
    if (last && number <= last[1] + 1) last[1] = number
    else all.push([number, number])
  }
  return all.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`))
}

/** As many of their ranges as fit, and how many more numbers there are. */
export function fittedRanges(numbers: readonly number[], width: number): string {
  const items = ranges(numbers)
  const counts = items.map(item => {
    const [from = 0, to = from] = item.split('-').map(Number)
    return to - from + 1
  })
  return fitted(items, width, ' ', counts)
}

/** Lines of words, those after the first further in. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(line)
      line = `  ${word}`
    } else line = longer
  }
  return [...lines, line].map(one => indent + one)
}

/** `1 record`, `2 records`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}
