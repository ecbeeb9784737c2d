/** What `npm run test:faults` is told. Whatever it does not know it refuses: a run that breaks nothing is always well. */
import { parseArgs } from 'node:util'
import { mutations } from '../simulation/mutations.js'
import { type Cell, cells, kinds, victims } from './schedule.js'

export interface Arguments {
  readonly isHelp: boolean
  /** Every cell once, in one run, and not a run for each cell. */
  readonly isQuick: boolean
  readonly seed: number
  /** Faults of a run of one cell. */
  readonly rounds: number
  /** Those that have a run of their own. */
  readonly cells: readonly Cell[]
  readonly switchedOff: string | undefined
}

const DEFAULT_ROUNDS = 10

export const help = `usage: npm run test:faults -- [options]

Breaks the ends and brokers of a channel under load, and checks every record.
Without options each victim is broken by each kind, in a run of its own.

  --quick            all of them once, in one run: some 4 minutes
  --cell VICTIM-KIND that one alone, such as 'reader-stop'
                     victims: ${victims.join(', ')}
                     (principal: the reader 0; both: a reader and a writer)
                     kinds: ${kinds.join(', ')}
  --rounds N         how often in its run; default ${DEFAULT_ROUNDS}
  --seed S           the same schedule again; every run prints its seed
  --switch-off RULE  a rule of the protocol, to see that it is missed:
${mutations.map(({ name }) => `                     ${name}`).join('\n')}

The status is 0 where all is well, 1 where not, 2 where an argument is wrong.`

/** @throws Error that says which argument is wrong, and what it may be */
export function argumentsOf(args: readonly string[], anySeed: number): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string' },
      rounds: { type: 'string' },
      cell: { type: 'string' },
      'switch-off': { type: 'string' }
    }
  })
  const { cell, help: isHelp, quick: isQuick, 'switch-off': switchedOff } = values
  const named = cells.filter(({ kind, victim }) => cell === undefined || cell === `${victim}-${kind}`)
  if (named.length === 0)
    throw new Error(`there is no cell '${cell}': it is a victim, '-' and a kind, such as 'reader-stop'`)
  if (isQuick && (cell ?? values.rounds) !== undefined)
    throw new Error('--quick breaks each cell once: it goes with neither --cell nor --rounds')
  if (switchedOff !== undefined && !mutations.some(({ name }) => name === switchedOff)) {
    throw new Error(`there is no rule '${switchedOff}': --help has them all`)
  }
  return {
    isHelp,
    isQuick,
    seed: wholeNumber('seed', values.seed, anySeed, 0),
    rounds: wholeNumber('rounds', values.rounds, DEFAULT_ROUNDS, 1),
    cells: named,
    switchedOff
  }
}

function wholeNumber(name: string, text: string | undefined, fallback: number, least: number): number {
  const number = Number(text ?? fallback)
  if (text?.trim() === '' || !Number.isSafeInteger(number) || number < least) {
    throw new Error(`--${name} takes a whole number from ${least} on, not '${text}'`)
  }
  return number
}
