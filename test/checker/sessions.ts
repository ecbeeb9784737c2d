/** What each reader got between one start and the next, and what it said to be done and committed. */
import { DefaultMap } from './default-map.js'
import type { ReadRun } from './events.js'
import type { LogIndex } from './log-index.js'
import type { Life } from './life.js'
import { type Range, RangeSet } from './range-set.js'
import { type Run, Runs } from './runs.js'
import type { Stream, Streams } from './streams.js'

export interface Commit {
  readonly next: number
  readonly t: number
}

/** The reading of a reader from one resume on: it may start behind what is read already, and then goes on in order. */
export class Session {
  readonly reads = new DefaultMap<number, Runs>(() => new Runs())
  /** Read, and not said to be done; offsets. */
  readonly #undone = new DefaultMap<number, RangeSet>(() => new RangeSet())
  readonly #highest = new Map<number, number>()
  /** It was not ended in an orderly way, so that what it read last may come again. */
  isInterrupted = true

  /** By partition, in their order. */
  readonly commits = new DefaultMap<number, Commit[]>(() => [])

  constructor(
    readonly reader: string,
    /** Of its process. */
    readonly life: Life,
    /** Whether it may have begun elsewhere than at what was committed. */
    readonly isReopened: boolean
  ) {}

  add(partition: number, run: Run): void {
    this.reads.of(partition).push(run)
    if (run.offset < 0) return
    const last = run.offset + run.count - 1
    this.#undone.of(partition).add(run.offset, last)
    this.#highest.set(partition, Math.max(last, this.#highest.get(partition) ?? -1))
  }

  /** What a commit of `next` covers of what it has read and not done, or not read yet. */
  *notDoneBelow(partition: number, next: number): Generator<Range> {
    yield* this.#undone.of(partition).within(0, next - 1)
    const highest = this.#highest.get(partition)
    if (highest !== undefined && highest + 1 < next) yield [highest + 1, next - 1]
  }

  /** @returns the offsets below `next` that this session has read since they were last asked for */
  takeDone(partition: number, next: number): RangeSet {
    const all = this.#undone.of(partition)
    const done = new RangeSet()
    const rest = new RangeSet()
    for (const [from, to] of all) {
      if (from < next) done.add(from, Math.min(to, next - 1))
      if (to >= next) rest.add(Math.max(from, next), to)
    }
    this.#undone.set(partition, rest)
    return done
  }
}

export class Sessions {
  readonly all: Session[] = []
  /** Offsets that somebody has done. */
  readonly done = new DefaultMap<number, RangeSet>(() => new RangeSet())
  /** The highest offset that was committed, and by whom. */
  readonly committed = new Map<number, { readonly next: number; readonly reader: string }>()
  /** What was not done yet when a commit of `next` covered it. */
  readonly early: { session: Session; partition: number; next: number; range: Range }[] = []

  constructor(
    private readonly streams: Streams,
    private readonly log: LogIndex
  ) {}

  start(reader: string, life: Life, isReopened: boolean): Session {
    const session = new Session(reader, life, isReopened)
    this.all.push(session)
    return session
  }

  /** @returns the stream of the run */
  read(session: Session, partition: number, run: ReadRun, t: number): Stream {
    const stream = this.streams.of(run)
    stream.read.add(run.from, run.to)
    for (const piece of this.#placed(stream, run)) session.add(partition, { ...piece, t })
    return stream
  }

  isDone(session: Session, partition: number, next: number): void {
    const done = this.done.of(partition)
    for (const [from, to] of session.takeDone(partition, next)) done.add(from, to)
  }

  isCommitted(session: Session, partition: number, next: number, t: number): void {
    session.commits.of(partition).push({ next, t })
    for (const range of session.notDoneBelow(partition, next)) this.early.push({ session, partition, next, range })
    const known = this.committed.get(partition)
    if (!known || known.next < next) this.committed.set(partition, { next, reader: session.reader })
  }

  /** Records whose offsets their reader could not know, with those that they have in the log. */
  *#placed(stream: Stream, { from, to, at }: ReadRun): Generator<Run> {
    const whole = { stream: stream.index, n: from, offset: at, count: to - from + 1, t: 0 }
    if (at >= 0) {
      yield whole
      return
    }
    let next = from
    for (const piece of this.log.locate(stream, from, to)) {
      if (piece.n > next) yield { ...whole, n: next, count: piece.n - next }
      yield piece
      next = piece.n + piece.count
    }
    if (next <= to) yield { ...whole, n: next, count: to - next + 1 }
  }
}
