/**
 * Judges a run in which processes were killed and brokers failed: the histories of all processes, and what an observer
 * read of the whole log when the faults were healed and everybody had ended.
 *
 * Readers are to have had the time to read everything, a minute say: what is unread at the end counts as never read.
 *
 * Pure: nothing here knows a broker. `events.ts` says what has to be written down, `records.ts` what the records have to
 * look like, `report.ts` makes a text of the outcome, and the verdicts stand in `findings.ts`.
 */
import { Account } from './account.js'
import type { History } from './events.js'
import { Findings, type Verdict } from './findings.js'
import type { Life } from './life.js'
import { LogIndex, type LogReading } from './log-index.js'
import { checkOrder } from './reader-order.js'
import { checkCommits, checkCoverage } from './re-reads.js'
import { checkWaits, longestStall, type Stall } from './stall.js'
import { Streams } from './streams.js'
import { checkValues } from './values.js'
import { checkLives } from './writer-order.js'

export interface CheckSettings {
  /** How many records a reader may have handed out since its last commit, when it dies. 0 for exactly-once. */
  readonly windowRecords: number
  /**
   * How often a reader was paused and its successor started meanwhile: in each partition that may cost a window more, as
   * the death of one that has read there does.
   */
  readonly pauses?: number
  /** What may be found: `re-read` and `lost` for one that promises less. It is counted all the same. */
  readonly allow?: readonly Verdict[]
  /** The writers and readers of the channel and group that are checked, where the processes have others too. */
  readonly isOfChannel?: (end: string) => boolean
  /** Until when readers tried to read; by default the time of the last event. */
  readonly endTime?: number
  /** How much later than its deadline a call may end; by default 5,000. */
  readonly graceMs?: number
}

export interface Outcome {
  readonly counts: {
    readonly sent: number
    readonly acknowledged: number
    readonly unknown: number
    readonly failed: number
    readonly inLog: number
    /** Handed out, each time that it was. */
    readonly read: number
    readonly reRead: number
    /** How much of that the deaths allow. */
    readonly reReadBound: number
    readonly lives: number
    /** Lives that ended without a word. */
    readonly deaths: number
    /** Lives that had to end before they were through. */
    readonly errors: number
  }
  readonly faults: ReadonlyMap<string, number>
  readonly stall: Stall | undefined
  readonly findings: Findings
  readonly allowed: readonly Verdict[]
  /** What was found and is not allowed. */
  readonly violated: readonly Verdict[]
}

const GRACE_MS = 5000

/** @throws Error where a history or the log cannot be what a run has written */
export function check(histories: Iterable<History>, log: LogReading, settings: CheckSettings): Outcome {
  const { windowRecords, pauses = 0, allow = [], isOfChannel = () => true } = settings
  const findings = new Findings()
  const streams = new Streams()
  const account = new Account(streams, new LogIndex(streams, log), findings, isOfChannel)
  for (const history of histories) account.take(history)
  account.finish()
  const endTime = settings.endTime ?? account.lastTime
  const coverage = checkCoverage(account, windowRecords, pauses, findings)
  checkValues(account, coverage.highestRead, findings)
  checkOrder(account, findings)
  checkCommits(account, findings)
  checkLives(account, findings)
  checkWaits(account, endTime, settings.graceMs ?? GRACE_MS, findings)
  const counts = {
    ...countsOf(streams),
    read: coverage.handedOut,
    reRead: coverage.reRead,
    reReadBound: coverage.bound,
    ...countsOfLives(account.lives)
  }
  checkContent(counts, findings)
  return {
    counts,
    faults: countBy(account.faults.map(({ kind }) => kind)),
    stall: longestStall(account, endTime),
    findings,
    allowed: allow,
    violated: findings.found.filter(verdict => !allow.includes(verdict))
  }
}

/** A run in which nothing happened shows nothing, and must not pass. */
function checkContent({ acknowledged, inLog, read }: Outcome['counts'], findings: Findings): void {
  const missing = Object.entries({ 'was acknowledged': acknowledged, 'was read': read, 'is in the log': inLog })
    .filter(([, count]) => count === 0)
    .map(([what]) => what)
  if (missing.length === 0) return
  findings.add({ verdict: 'empty', reader: 'nobody', count: 1, detail: `nothing ${missing.join(', nothing ')}` })
}

function countsOf(streams: Streams): Pick<Outcome['counts'], 'sent' | 'acknowledged' | 'unknown' | 'failed' | 'inLog'> {
  const counts = { sent: 0, acknowledged: 0, unknown: 0, failed: 0, inLog: 0 }
  for (const { sent, acked, unknown, failed, inLog } of streams) {
    counts.sent += sent.size
    counts.acknowledged += acked.size
    counts.unknown += unknown.size
    counts.failed += failed.size
    counts.inLog += inLog.size
  }
  return counts
}

function countsOfLives(lives: readonly Life[]): Pick<Outcome['counts'], 'lives' | 'deaths' | 'errors'> {
  const ended = (how: Life['end']): number => lives.filter(({ end }) => end === how).length
  return { lives: lives.length, deaths: ended('died'), errors: ended('error') }
}

function countBy(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
