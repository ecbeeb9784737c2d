/** What `npm run test:faults` is told to do. What it cannot do is refused: it must not pass without having tested that. */
import { parseArgs } from 'node:util'
import { mutations } from '../simulation/mutations.js'
import { type Cell, cells } from './schedule.js'

export interface Order {
  readonly seed: number
  /** All cells in one run, once each. */
  readonly isQuick: boolean
  /** Else a run for each of these, with so many faults. */
  readonly wanted: readonly Cell[]
  readonly rounds: number
  /** A rule of the protocol. */
  readonly switchedOff: string | undefined
}

export class OrderError extends Error {}

const DEFAULT_ROUNDS = 10
const LARGEST_SEED = 2 ** 32 - 1

/** @throws OrderError */
export function orderFrom(args: readonly string[]): Order {
  const { quick: isQuick = false, cell, rounds, seed, 'switch-off': switchedOff } = valuesOf(args)
  const unfit = Object.entries({ cell, rounds }).find(([, value]) => value !== undefined)
  if (isQuick && unfit) throw new OrderError(`--quick breaks everything once: --${unfit[0]} means nothing beside it`)
  const rules = mutations.map(({ name }) => name)
  if (switchedOff !== undefined) checkOneOf('switch-off', switchedOff, rules)
  if (cell !== undefined) checkOneOf('cell', cell, cells.map(nameOf))
  return {
    seed: whole('seed', seed, Date.now() % 2 ** 31, 0, LARGEST_SEED),
    isQuick,
    wanted: cells.filter(one => cell === undefined || cell === nameOf(one)),
    rounds: whole('rounds', rounds, DEFAULT_ROUNDS, 1, 1000),
    switchedOff
  }
}

function nameOf({ victim, kind }: Cell): string {
  return `${victim}-${kind}`
}

function valuesOf(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { quick: { type: 'boolean' }, seed: text, rounds: text, cell: text, 'switch-off': text } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw new OrderError((cause as Error).message, { cause })
  }
}

function checkOneOf(option: string, value: string, all: readonly string[]): void {
  if (!all.includes(value))
    throw new OrderError(`--${option} takes one of these, not '${value}':\n  ${all.join('\n  ')}`)
}

function whole(option: string, text: string | undefined, fallback: number, low: number, high: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= low && number <= high) return number
  throw new OrderError(`--${option} takes a whole number from ${low} to ${high}, not '${text}'`)
}
