/** What a check can find, and where it found it. */
import type { Run } from './runs.js'
import type { Stream } from './streams.js'

/** Each must be found 0 times, unless a setting allows it. */
export const verdicts = {
  lost: 'acknowledged or in the log, not above what was read, and read by nobody',
  phantom: 'read, but never sent, or sent to another partition',
  'aborted read': 'read, but reported failed, or of an aborted transaction',
  'inconsistent offset': 'one offset seen with two records, or with one that the log does not have',
  duplicate: 'one record at two offsets of the log',
  're-read': 'handed out more than once, beyond what the deaths allow, or to one that began behind its commit',
  'out of order': 'not above the last record of its stream, or of the partition, or of an earlier life of its writer',
  skip: 'a reader jumped over it',
  'precommitted read': 'read by the transaction that wrote it',
  'not done': 'below a committed offset, and done by nobody, or later',
  unseen: 'acknowledged, above all that was read, and unread at the end',
  stuck: 'a wait that was open past its deadline',
  empty: 'nothing was acknowledged, or read, or is in the log: the run shows nothing'
} as const
export type Verdict = keyof typeof verdicts
export const verdictNames = Object.keys(verdicts) as readonly Verdict[]

/** Records one behind the other; a wait that is stuck has no record. */
export interface Finding {
  readonly verdict: Verdict
  /** `the log` where the observer saw it, `nobody` where nobody did. */
  readonly reader: string
  readonly partition?: number
  /** Of the first record, where it stands in the log. */
  readonly offset?: number | undefined
  /** Writer and life. */
  readonly stream?: string
  /** Of the first record. */
  readonly n?: number
  /** How many records. */
  readonly count: number
  readonly detail?: string
}

/** Of each verdict so many are kept; all are counted. */
const MOST_KEPT = 100

export class Findings {
  readonly #kept: Finding[] = []
  readonly #found = new Map<Verdict, { findings: number; records: number }>()

  add(finding: Finding): void {
    const found = this.#found.get(finding.verdict) ?? { findings: 0, records: 0 }
    found.findings++
    found.records += finding.count
    this.#found.set(finding.verdict, found)
    if (found.findings <= MOST_KEPT) this.#kept.push(finding)
  }

  /** How many records, or waits. */
  count(verdict: Verdict): number {
    return this.#found.get(verdict)?.records ?? 0
  }

  of(verdict: Verdict): Finding[] {
    return this.#kept.filter(one => one.verdict === verdict)
  }

  /** The verdicts that were found. */
  get found(): Verdict[] {
    return verdictNames.filter(verdict => this.#found.has(verdict))
  }
}

/** One line: `reader0 partition 3 offset 5012 writer0/2 #100 and 3 more: …`. */
export function textOf({ reader, partition, offset, stream, n, count, detail }: Finding): string {
  const place = [
    reader,
    partition === undefined ? '' : `partition ${partition}`,
    offset === undefined ? '' : `offset ${offset}`,
    stream === undefined ? '' : `${stream} #${n}`,
    count > 1 ? `and ${count - 1} more` : ''
  ]
  return place.filter(part => part !== '').join(' ') + (detail === undefined ? '' : `: ${detail}`)
}

/** A finding about records, without its detail. */
export function placed(
  stream: Stream,
  partition: number,
  { n, offset, count }: Run,
  reader: string,
  verdict: Verdict
): Finding {
  return { verdict, reader, partition, offset: offset < 0 ? undefined : offset, stream: stream.name, n, count }
}
