/** How long readers got nothing while there was something, and calls that did not end. */
import type { Account } from './account.js'
import { DefaultMap } from './default-map.js'
import type { Findings } from './findings.js'
import { RangeSet } from './range-set.js'
import { Runs } from './runs.js'
import type { Stream } from './streams.js'

export interface Stall {
  readonly ms: number
  readonly partition: number
  /** When it began. */
  readonly from: number
}

/**
 * The longest time in which nobody got anything new of a partition, while something in it was acknowledged and unread.
 *
 * @param endTime - until when somebody tried to read
 */
export function longestStall(account: Account, endTime: number): Stall | undefined {
  const streamsOf = new DefaultMap<number, Unread[]>(() => [])
  for (const stream of account.streams) streamsOf.of(stream.partition).push(new Unread(stream))
  const readsOf = new DefaultMap<number, Runs>(() => new Runs())
  for (const { reads } of account.sessions.all) {
    for (const [partition, runs] of reads) for (const run of runs) readsOf.of(partition).push(run)
  }
  let longest: Stall | undefined
  for (const [partition, unread] of streamsOf) {
    let last = 0
    const waited = (until: number): void => {
      const since = Math.max(last, Math.min(...unread.map(one => one.since)))
      if (since < Infinity && until - since > (longest?.ms ?? 0))
        longest = { ms: until - since, partition, from: since }
    }
    const byIndex = new Map(unread.map(one => [one.stream.index, one]))
    for (const run of readsOf.of(partition).sortedBy(({ t }) => t)) {
      const one = byIndex.get(run.stream)
      if (!one?.isNew(run.n, run.n + run.count - 1)) continue
      // What came in one batch has one time.
      if (run.t !== last) waited(run.t)
      one.read(run.n, run.n + run.count - 1)
      last = run.t
    }
    waited(endTime)
  }
  return longest
}

/** Since when the first record of a stream that is not read is acknowledged. */
class Unread {
  readonly #read = new RangeSet()
  #next = 0

  constructor(readonly stream: Stream) {}

  get since(): number {
    const { acks } = this.stream
    for (; this.#next < acks.length; this.#next++) {
      const { from, to, t } = acks[this.#next] as { from: number; to: number; t: number }
      if (this.isNew(from, to)) return t
    }
    return Infinity
  }

  isNew(from: number, to: number): boolean {
    return !this.#read.missing(from, to).next().done
  }

  read(from: number, to: number): void {
    this.#read.add(from, to)
  }
}

/** @param graceMs - how much later than its deadline a call may end */
export function checkWaits(account: Account, endTime: number, graceMs: number, findings: Findings): void {
  for (const life of account.lives) {
    const reader = `${life.who}/${life.life}`
    const stuck = (detail: string): void => findings.add({ verdict: 'stuck', reader, count: 1, detail })
    for (const { what, until, endTime } of life.lateWaits) {
      if (endTime - until > graceMs) stuck(`waited for ${what} until ${endTime - until} ms past its deadline`)
    }
    const end = life.endTime ?? endTime
    for (const { what, until } of life.waits.values()) {
      if (end - until > graceMs) stuck(`still waited for ${what} ${end - until} ms past its deadline`)
    }
  }
}
