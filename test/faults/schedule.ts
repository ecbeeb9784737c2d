/** What is broken in a run, and in which order: all of it follows from the seed. */
import type { Random } from '../support/random.js'

export const victims = ['reader', 'principal', 'writer', 'broker', 'both'] as const
export type Victim = (typeof victims)[number]

/** `kill`: SIGKILL; `term`: SIGTERM; `stop`: SIGSTOP for longer than the patience; `cut`: its network is gone. */
export const kinds = ['kill', 'term', 'stop', 'cut'] as const
export type Kind = (typeof kinds)[number]

export interface Cell {
  readonly victim: Victim
  readonly kind: Kind
}

export interface Fault extends Cell {
  /** From 1. */
  readonly broker: number
  /** How the network is cut. */
  readonly isSilent: boolean
  /** Of a cut: whether it lasts longer than the patience. */
  readonly isLong: boolean
  /** Of a stop: whether another process is started in its place meanwhile. */
  readonly isReplaced: boolean
  /** How long all is well before it. */
  readonly calmMs: number
}

export const cells: readonly Cell[] = victims.flatMap(victim => kinds.map(kind => ({ victim, kind })))

export function faultOf({ victim, kind }: Cell, random: Random, brokers: number): Fault {
  return {
    victim,
    kind,
    broker: 1 + random.below(brokers),
    isSilent: random.below(2) === 0,
    isLong: random.below(3) === 0,
    isReplaced: random.below(2) === 0,
    calmMs: random.below(800)
  }
}

/** Every cell once, in an order of the seed's. */
export function shuffled(random: Random): Cell[] {
  const left = [...cells]
  return cells.map(() => left.splice(random.below(left.length), 1)[0] as Cell)
}

/** As it stands in the schedule that is printed. */
export function textOf({ victim, kind, broker, isSilent, isLong, isReplaced }: Fault): string {
  const who = victim === 'broker' ? `broker ${broker}` : victim
  const how = kind === 'cut' ? `, ${isSilent ? 'silent' : 'reset'}` : ''
  const long = kind === 'cut' && isLong && victim !== 'broker' ? ', long' : ''
  const replaced = kind === 'stop' && isReplaced && victim !== 'broker' ? ', replaced' : ''
  return `${who} ${kind}${how}${long}${replaced}`
}
