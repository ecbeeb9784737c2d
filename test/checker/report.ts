/** The outcome of a check as a text of lines that a terminal of 80 columns shows whole. */
import type { Outcome } from './check.js'
import { textOf, type Verdict, verdictNames, verdicts } from './findings.js'

const WIDTH = 80
const LABEL = 20
/** Of each verdict so many findings are shown. */
const SHOWN = 3
/** How to read a finding. */
const LEGEND = [
  'writer0/2 #100: the record number 100, from 0, that the second life of writer0',
  'wrote into the partition.'
]

export function report(outcome: Outcome): string {
  const verdictsFound = verdictNames.flatMap(verdict => verdictLines(outcome, verdict))
  const legend = outcome.findings.found.length > 0 ? ['', ...LEGEND] : []
  return [...countLines(outcome), '', ...verdictsFound, ...legend].join('\n')
}

function countLines({ counts, faults, stall }: Outcome): string[] {
  const { sent, acknowledged, unknown, failed, inLog, read, reRead, reReadBound, lives, deaths, errors } = counts
  const faultText = [...faults].map(([kind, count]) => `${kind} ${number(count)}`).join(', ')
  const stallText = stall ? `${number(stall.ms)} ms in partition ${stall.partition}` : 'none'
  return [
    ...line('sent', number(sent)),
    ...line('acknowledged', number(acknowledged)),
    ...line('unknown', number(unknown)),
    ...line('failed', number(failed)),
    ...line('in the log', number(inLog)),
    ...line('read', number(read)),
    ...line('re-read', `${number(reRead)}, at most ${number(reReadBound)}`),
    ...line('deaths', `${number(deaths)} of ${number(lives)} lives; ${number(errors)} ended by an error`),
    ...line('faults', faultText || 'none'),
    ...line('longest stall', stallText)
  ]
}

function verdictLines({ findings, allowed }: Outcome, verdict: Verdict): string[] {
  const count = findings.count(verdict)
  const mark = count === 0 ? '' : allowed.includes(verdict) ? ' (allowed)' : ' WRONG'
  const all = findings.of(verdict)
  const shown = all.slice(0, SHOWN).flatMap(finding => wrap(textOf(finding), '  '))
  const meaning = count === 0 ? '' : `: ${verdicts[verdict]}`
  return [...line(verdict, `${number(count)}${mark}${meaning}`), ...shown, ...(all.length > SHOWN ? ['  …'] : [])]
}

function line(label: string, text: string): string[] {
  const [first = '', ...rest] = wrap(text, ' '.repeat(LABEL))
  return [label.padEnd(LABEL) + first.trimStart(), ...rest]
}

/** Lines that begin with `indent`, broken between words, or where a word is longer than a line. */
function wrap(text: string, indent: string): string[] {
  const room = WIDTH - indent.length
  const pieces = text.split(' ').flatMap(word => word.match(new RegExp(`.{1,${room}}`, 'gsu')) ?? [])
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + piece.length <= room) lines[lines.length - 1] = `${last} ${piece}`
    else lines.push(piece)
  }
  return lines.map(one => indent + one)
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
