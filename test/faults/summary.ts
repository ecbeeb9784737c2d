/** Many runs as one table of Markdown, as docs/guarantees.md has it. */
import { verdictNames } from '../checker/findings.js'
import type { Result } from './run.js'

export interface Row {
  readonly title: string
  /** How many there were. */
  readonly faults: number
  readonly result: Result
}

const columns = [
  'broken',
  'times',
  'acknowledged',
  'records/s',
  'read',
  'lost',
  'twice in the log',
  'out of order',
  'came again, of which allowed',
  'anything else',
  'longest stall'
]

/** Verdicts with a column of their own. */
const own: ReadonlySet<string> = new Set(['lost', 'unseen', 'duplicate', 'out of order'])

/** A row for each run, and one for all of them. */
export function summary(rows: readonly Row[]): string {
  const numbers = rows.map(numbersOf)
  const seconds = rows.reduce((sum, { result }) => sum + result.seconds, 0)
  const all = (numbers[0] ?? []).map((_, i) => numbers.reduce((sum, row) => sum + (row[i] ?? 0), 0))
  const longest = Math.max(...rows.map(stallMs))
  const lines = [
    columns,
    columns.map((_, i) => (i === 0 ? '---' : '---:')),
    ...rows.map(({ title, result }, i) => cells(title, numbers[i] ?? [], result.seconds, stallMs(rows[i] as Row))),
    cells('**all**', all, seconds, longest)
  ]
  return lines.map(line => `| ${line.join(' | ')} |`).join('\n')
}

/** What can be added up, in the order of `cells`. */
function numbersOf({ faults, result: { outcome, stuck } }: Row): number[] {
  const { counts, findings } = outcome
  const others = verdictNames.filter(verdict => !own.has(verdict)).reduce((sum, name) => sum + findings.count(name), 0)
  return [
    faults,
    counts.acknowledged,
    counts.read,
    findings.count('lost') + findings.count('unseen'),
    findings.count('duplicate'),
    findings.count('out of order'),
    counts.reRead,
    counts.reReadBound,
    others + Number(stuck !== undefined)
  ]
}

function cells(title: string, numbers: readonly number[], seconds: number, stall: number): string[] {
  const [faults, acknowledged = 0, read, lost, twice, outOfOrder, again, allowed, others] = numbers
  const text = (value = 0): string => Math.round(value).toLocaleString('en-US')
  return [
    title,
    text(faults),
    text(acknowledged),
    text(acknowledged / seconds),
    text(read),
    text(lost),
    text(twice),
    text(outOfOrder),
    `${text(again)} of ${text(allowed)}`,
    text(others),
    `${(stall / 1000).toFixed(1)} s`
  ]
}

function stallMs({ result }: Row): number {
  return result.outcome.stall?.ms ?? 0
}
