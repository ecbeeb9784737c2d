/** Histories as tests write them down: short, and each event 10 ms behind the one before. */
import { check, type CheckSettings, type Outcome } from './check.js'
import type { History, HistoryEvent, NewEvent, ReadRun, Values } from './events.js'

const STEP_MS = 10

export class Script {
  readonly histories: History[] = []
  #t = 0

  /** One life of a process, behind all that was written down before. Without an `end` it dies. */
  life(who: string, life: number, ...events: readonly (NewEvent & { readonly t?: number })[]): this {
    const begin = { e: 'begin', who, life } as const
    const timed = [begin, ...events].map(event => ({ t: (this.#t += STEP_MS), ...event }) as HistoryEvent)
    this.histories.push({ file: `${who}.${life}`, events: timed })
    return this
  }
}

/** Records of the first life of `writer0` in partition 0. */
export function values(from: number, to: number, other: Partial<Values> = {}): Values {
  return { w: 'writer0', life: 1, p: 0, from, to, ...other }
}

/** The same as a run, where each `n` stands at the offset `n`. */
export function run(from: number, to: number, at = from, other: Partial<Values> = {}): ReadRun {
  return { ...values(from, to, other), at }
}

export function read(...runs: readonly ReadRun[]): NewEvent {
  return { e: 'read', r: 'reader0', p: 0, runs }
}

/** Done and committed, in partition 0. */
export function settled(next: number): NewEvent[] {
  return (['done', 'commit'] as const).map(e => ({ e, r: 'reader0', p: 0, next }))
}

export const end: NewEvent = { e: 'end' }

export const sent = (from: number, to: number, life = 1): NewEvent => ({ e: 'sent', ...values(from, to, { life }) })
export const ack = (from: number, to: number, life = 1): NewEvent => ({ e: 'ack', ...values(from, to, { life }) })

/** A writer that was told that its records 0 to 9 are there, then a script of its own. */
export function written(): Script {
  return new Script().life('writer0', 1, sent(0, 9), ack(0, 9), end)
}

export function judge(script: Script, log: readonly ReadRun[], settings: Partial<CheckSettings> = {}): Outcome {
  return check(script.histories, [{ p: 0, runs: log }], { windowRecords: 5, ...settings })
}

/** The log that has all of `written()`. */
export const WHOLE = [run(0, 9)]
