/** Checks of what came again, of what was committed, and of how far anybody came. */
import type { Account } from './account.js'
import { DefaultMap } from './default-map.js'
import { type Findings, placed } from './findings.js'
import type { Life } from './life.js'
import { RangeSet } from './range-set.js'
import type { Run, Runs } from './runs.js'
import type { Commit, Session } from './sessions.js'

export interface Coverage {
  /** Records that were handed out, each time they were. */
  handedOut: number
  reRead: number
  /** How much of that the deaths allow. */
  bound: number
  /** By partition. */
  readonly highestRead: Map<number, number>
}

/** What a session has read of one partition. */
interface Reading {
  readonly session: Session
  readonly runs: Runs
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
    } else checkBeginnings(account, partition, readings, findings)
  }
  return coverage
}

/** What was read of each partition, in the order in which its readers came. */
function readingsOf({ sessions }: Account): Map<number, Reading[]> {
  const readings = new DefaultMap<number, Reading[]>(() => [])
  for (const session of sessions.all) {
    for (const [partition, runs] of session.reads) readings.of(partition).push({ session, runs })
  }
  for (const all of readings.values()) all.sort((a, b) => a.runs.at(0).t - b.runs.at(0).t)
  return readings
}

/** However many deaths there were: what was committed when a reader began must not come again. */
function checkBeginnings(account: Account, partition: number, readings: readonly Reading[], findings: Findings): void {
  for (const { session, runs } of readings) {
    const floor = session.isReopened ? 0 : committedBefore(session, partition, readings)
    const detail = `committed up to ${floor} before it began`
    for (const run of runs) {
      if (run.offset < 0 || run.offset >= floor) continue
      const below = { ...run, count: Math.min(run.count, floor - run.offset) }
      const stream = account.streams.at(run.stream)
      findings.add({ ...placed(stream, partition, below, session.reader, 're-read'), detail })
    }
  }
}

/**
 * What was committed for certain when a session began. Where one that was taken for dead lived beside the one that came in
 * its place and committed last, either may have been the last to reach the broker.
 */
function committedBefore({ life }: Session, partition: number, readings: readonly Reading[]): number {
  const before = readings
    .map(({ session }) => ({ life: session.life, last: lastBefore(session, partition, life.beganAt) }))
    .filter(one => one.life !== life && one.life.beganAt <= life.beganAt)
  const newest = before.reduce(
    (latest, { last, life }) => {
      return last && (!latest || last.t > latest.last.t) ? { last, life } : latest
    },
    undefined as { last: Commit; life: Life } | undefined
  )
  if (!newest) return 0
  const { beganAt } = newest.life
  const beside = before.filter(one => one.life.beganAt <= beganAt && one.life.lastTime >= beganAt)
  return Math.min(...beside.map(({ last }) => last?.next ?? 0))
}

function lastBefore(session: Session, partition: number, t: number): Commit | undefined {
  return session.commits.get(partition)?.findLast(commit => commit.t < t)
}

export function checkCommits({ log, sessions, streams }: Account, findings: Findings): void {
  for (const { session, partition, next, range } of sessions.early) {
    // What was never done is told below.
    for (const [from, to] of sessions.done.of(partition).within(...range)) {
      for (const run of log.between(partition, from, to)) {
        const detail = `committed up to ${next} before that`
        findings.add({ ...placed(streams.at(run.stream), partition, run, session.reader, 'not done'), detail })
      }
    }
  }
  for (const [partition, { next, reader }] of sessions.committed) {
    for (const [from, to] of sessions.done.of(partition).missing(log.start(partition), next - 1)) {
      for (const run of log.between(partition, from, to)) {
        const detail = `committed up to ${next}`
        findings.add({ ...placed(streams.at(run.stream), partition, run, reader, 'not done'), detail })
      }
    }
  }
}
