/** Places in a generated run where something can be put wrong, and how that is done. */
import type { Random } from '../support/random.js'
import type { HistoryEvent, ReadRun, Values } from './events.js'
import type { Generated, GeneratedLife } from './generated.js'

type ReadEvent = Extract<HistoryEvent, { e: 'read' }> & { runs: ReadRun[] }

export const always = (): boolean => true
export const isNotLast = (run: Generated, { p, at }: ReadRun): boolean =>
  ((run.log[p] as ReadRun[]).at(-1) as ReadRun).at > at
export const covers = ({ w, life, p, from, to }: Values, one: ReadRun): boolean =>
  w === one.w && life === one.life && p === one.p && from <= one.from && one.from <= to

export function isAcked(run: Generated, record: ReadRun): boolean {
  return lifeOf(run, record).events.some(event => event.e === 'ack' && covers(event, record))
}

/** By the next record of its stream. */
export function isFollowed(run: Generated, record: ReadRun): boolean {
  const log = run.log[record.p] as ReadRun[]
  const next = log[log.indexOf(record) + 1]
  return next !== undefined && next.w === record.w && next.life === record.life
}

export function lifeOf(run: Generated, { w, life }: Values): GeneratedLife {
  return run.lives.find(one => one.who === w && one.life === life) as GeneratedLife
}

/** A record of the log. */
export function atRecord(
  run: Generated,
  random: Random,
  fits: (run: Generated, record: ReadRun) => boolean,
  change: (record: ReadRun) => void
): boolean {
  const records = run.log.flat().filter(record => fits(run, record))
  if (records.length === 0) return false
  change(random.pick(records))
  return true
}

/** A record that a reader got. @param change - may find that it cannot, and give false */
export function atRead(
  run: Generated,
  random: Random,
  fits: (event: ReadEvent, i: number) => boolean,
  change: (event: ReadEvent, i: number) => boolean | void
): boolean {
  const events = run.lives.flatMap(one => one.events).filter((event): event is ReadEvent => event.e === 'read')
  const places = events
    .flatMap(event => event.runs.map((_, i) => ({ event, i })))
    .filter(({ event, i }) => fits(event, i))
  if (places.length === 0) return false
  const { event, i } = random.pick(places)
  return change(event, i) !== false
}

export function changeEvents(run: Generated, change: (event: HistoryEvent) => HistoryEvent): void {
  for (const { events } of run.lives) for (const [i, event] of events.entries()) events[i] = change(event)
}

export function removeReads(run: Generated, p: number, isRemoved: (record: ReadRun) => boolean): void {
  changeEvents(run, event =>
    event.e === 'read' && event.p === p ? { ...event, runs: event.runs.filter(one => !isRemoved(one)) } : event
  )
}

export function cutSent(run: Generated, record: ReadRun): void {
  const { events } = lifeOf(run, record)
  const i = events.findIndex(event => event.e === 'sent' && covers(event, record))
  const sent = events[i] as Extract<HistoryEvent, { e: 'sent' }>
  const parts = [
    { ...sent, to: record.from - 1 },
    { ...sent, from: record.from + 1 }
  ]
  events.splice(i, 1, ...parts.filter(({ from, to }) => from <= to))
}

export function swap(runs: ReadRun[], i: number): void {
  ;[runs[i], runs[i + 1]] = [runs[i + 1] as ReadRun, runs[i] as ReadRun]
}

/** The offset of the next record. */
export function nextAt(run: Generated, p: number, at: number): number {
  return ((run.log[p] as ReadRun[]).find(one => one.at > at) as ReadRun).at
}

/** Of the records at two offsets, in the log and wherever they are read. */
export function swapValues(run: Generated, p: number, at: number, otherAt: number): void {
  const log = run.log[p] as ReadRun[]
  const find = (offset: number): ReadRun => log.find(one => one.at === offset) as ReadRun
  const [first, second] = [find(at), find(otherAt)]
  const changed = (one: ReadRun): ReadRun => {
    if (one.at === first.at) return { ...second, at: first.at }
    return one.at === second.at ? { ...first, at: second.at } : one
  }
  run.log[p] = log.map(changed)
  changeEvents(run, event =>
    event.e === 'read' && event.p === p ? { ...event, runs: event.runs.map(changed) } : event
  )
}

/** The record, if it is acknowledged and the last of its stream, with the first of the next life of its writer. */
export function livesApart(run: Generated, log: readonly ReadRun[], first: ReadRun, i: number): [ReadRun, ReadRun][] {
  const next = log.slice(i + 1).find(one => one.w === first.w)
  return next && next.life !== first.life && isAcked(run, first) ? [[first, next]] : []
}

/** The record in front of those with which a life begins to read a partition, if it is committed. */
export function committedInFront(run: Generated, event: ReadEvent): ReadRun | undefined {
  const { p, runs } = event
  const life = run.lives.find(({ events }) => events.includes(event))
  if (life?.events.find(one => one.e === 'read' && one.p === p) !== event) return undefined
  // Where a reader begins, everything in front is committed.
  return (run.log[p] as ReadRun[]).findLast(one => one.at < (runs[0] as ReadRun).at)
}
