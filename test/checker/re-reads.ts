/** Checks of what came again, of what was committed, and of how far anybody came. */
import type { Account } from './account.js'
import { DefaultMap } from './default-map.js'
import { type Findings, placed } from './findings.js'
import { RangeSet } from './range-set.js'
import type { Run, Runs } from './runs.js'
import type { Session } from './sessions.js'

export interface Coverage {
  /** Records that were handed out, each time they were. */
  handedOut: number
  reRead: number
  /** How much of that the deaths allow. */
  bound: number
  /** By partition. */
  readonly highestRead: Map<number, number>
}

/**
 * @param windowRecords - what a reader may have handed out since its last commit
 * @param pauses - how often a reader was paused and a successor started meanwhile: each is as good as a death
 */
export function checkCoverage(account: Account, windowRecords: number, pauses: number, findings: Findings): Coverage {
  const coverage: Coverage = { handedOut: 0, reRead: 0, bound: 0, highestRead: new Map() }
  for (const [partition, readings] of readingsOf(account)) {
    // The last one's death cannot have made anybody read again.
    const deaths = readings.slice(0, -1).filter(({ session }) => session.isInterrupted).length
    const bound = (deaths + pauses) * windowRecords
    const read = new RangeSet()
    let again = 0
    let beyond: { session: Session; run: Run } | undefined
    for (const { session, runs } of readings) {
      for (const run of runs) {
        coverage.handedOut += run.count
        // What the log does not have is told elsewhere.
        if (run.offset < 0) continue
        for (const [from, to] of read.add(run.offset, run.offset + run.count - 1)) {
          again += to - from + 1
          // The record that is the first one too many.
          const offset = to - (again - bound) + 1
          if (again > bound) beyond ??= { session, run: { ...run, offset, n: run.n + offset - run.offset } }
        }
      }
    }
    coverage.highestRead.set(partition, read.highest)
    coverage.reRead += again
    coverage.bound += bound
    if (beyond) {
      const stream = account.streams.at(beyond.run.stream)
      const first = { ...beyond.run, count: again - bound }
      const detail = `${again} re-read, at most ${bound} by ${deaths + pauses} deaths or pauses`
      findings.add({ ...placed(stream, partition, first, beyond.session.reader, 're-read'), detail })
    }
  }
  return coverage
}

/** What was read of each partition, in the order in which its readers came. */
function readingsOf({ sessions }: Account): Map<number, { session: Session; runs: Runs }[]> {
  const readings = new DefaultMap<number, { session: Session; runs: Runs }[]>(() => [])
  for (const session of sessions.all) {
    for (const [partition, runs] of session.reads) readings.of(partition).push({ session, runs })
  }
  for (const all of readings.values()) all.sort((a, b) => a.runs.at(0).t - b.runs.at(0).t)
  return readings
}

export function checkCommits({ log, sessions, streams }: Account, findings: Findings): void {
  for (const [partition, { next, reader }] of sessions.committed) {
    for (const [from, to] of sessions.done.of(partition).missing(log.start(partition), next - 1)) {
      for (const run of log.between(partition, from, to)) {
        const detail = `committed up to ${next}`
        findings.add({ ...placed(streams.at(run.stream), partition, run, reader, 'not done'), detail })
      }
    }
  }
}
