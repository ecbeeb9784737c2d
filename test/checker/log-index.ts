/** The log as an observer read it after the run: what stands at an offset, and where a record stands. */
import { DefaultMap } from './default-map.js'
import type { History, ReadRun } from './events.js'
import { RangeSet } from './range-set.js'
import { type Run, Runs } from './runs.js'
import type { Stream, Streams } from './streams.js'

/** What the observer got, one batch after the other. */
export type LogReading = Iterable<{ readonly p: number; readonly runs: readonly ReadRun[] }>

/** The reading of an observer that wrote a history as every reader does. */
export function readingOf({ events }: History): LogReading {
  return {
    *[Symbol.iterator]() {
      for (const event of events) if (event.e === 'read') yield event
    }
  }
}

/** A record that has been in the log before. */
export interface Copy {
  readonly partition: number
  readonly stream: Stream
  readonly run: Run
}

export class LogIndex {
  readonly partitions = new DefaultMap<number, Runs>(() => new Runs())
  /** Offsets of records that stand in the log for a second time. */
  readonly #copied = new DefaultMap<number, RangeSet>(() => new RangeSet())
  readonly copies: Copy[] = []
  readonly #byStream = new DefaultMap<Stream, Runs>(() => new Runs())

  /** @throws Error where the offsets of the reading are not known, or do not rise: it can be compared with nothing */
  constructor(streams: Streams, reading: LogReading) {
    for (const { p, runs } of reading) for (const run of runs) this.#add(p, streams.of(run), run)
    for (const [stream, runs] of this.#byStream)
      this.#byStream.set(
        stream,
        runs.sortedBy(({ n }) => n)
      )
  }

  /** One more than the offset of the last record. */
  end(partition: number): number {
    const runs = this.partitions.get(partition)
    const last = runs?.at(runs.length - 1)
    return last ? last.offset + last.count : 0
  }

  /** Of the first record; 0 where there is none. */
  start(partition: number): number {
    return this.partitions.get(partition)?.at(0).offset ?? 0
  }

  /** What stands from offset `from` to `to`, both included. */
  *between(partition: number, from: number, to: number): Generator<Run> {
    const runs = this.partitions.get(partition)
    if (!runs) return
    for (let i = Math.max(0, runs.countUpTo(from, ({ offset }) => offset) - 1); i < runs.length; i++) {
      const run = runs.at(i)
      if (run.offset > to) return
      const skipped = Math.max(0, from - run.offset)
      const count = Math.min(run.count, to - run.offset + 1) - skipped
      if (count > 0) yield { ...run, n: run.n + skipped, offset: run.offset + skipped, count }
    }
  }

  /** Where the records `from` to `to` stand for the first time, those left out that are not in the log. */
  *locate(stream: Stream, from: number, to: number): Generator<Run> {
    const runs = this.#byStream.get(stream)
    if (!runs) return
    let next = from
    for (let i = Math.max(0, runs.countUpTo(from, ({ n }) => n) - 1); i < runs.length && next <= to; i++) {
      const run = runs.at(i)
      if (run.n > to) return
      const skipped = Math.max(0, next - run.n)
      const count = Math.min(run.count, to - run.n + 1) - skipped
      if (count <= 0) continue
      yield { ...run, n: run.n + skipped, offset: run.offset + skipped, count }
      next = run.n + skipped + count
    }
  }

  isCopy(partition: number, offset: number): boolean {
    return this.#copied.get(partition)?.has(offset) ?? false
  }

  #add(partition: number, stream: Stream, { from, to, at }: ReadRun): void {
    if (at < this.end(partition))
      throw new Error(`the observer read offset ${at} of partition ${partition} out of turn`)
    const run = { stream: stream.index, n: from, offset: at, count: to - from + 1, t: 0 }
    this.partitions.of(partition).push(run)
    const known = stream.inLog.add(from, to)
    let fresh = from
    for (const [first, last] of known) {
      const offset = at + first - from
      this.copies.push({ partition, stream, run: { ...run, n: first, offset, count: last - first + 1 } })
      this.#copied.of(partition).add(offset, offset + last - first)
      this.#index(stream, run, fresh, first - 1)
      fresh = last + 1
    }
    this.#index(stream, run, fresh, to)
  }

  #index(stream: Stream, run: Run, from: number, to: number): void {
    if (to < from) return
    this.#byStream.of(stream).push({ ...run, n: from, offset: run.offset + from - run.n, count: to - from + 1 })
  }
}
