/** A run as it should go, made from a seed: writers and readers that die and are started again, in some hundred events. */
import type { Random } from '../support/random.js'
import type { History, HistoryEvent, NewEvent, ReadRun, Values } from './events.js'

/** One process; its first event, `begin`, is added by `histories`. */
export interface GeneratedLife {
  readonly who: string
  readonly life: number
  readonly events: HistoryEvent[]
}

export const WINDOW_RECORDS = 12
const STEPS = 80
const MOST_OF_A_BATCH = 6

export class Generated {
  readonly lives: GeneratedLife[] = []
  /** By partition; runs of one record each. */
  readonly log: ReadRun[][]
  #t = 1000
  readonly #writers: Writer[]
  readonly #readers: Reader[]

  constructor(private readonly random: Random) {
    this.log = Array.from({ length: 1 + random.below(3) }, () => [])
    this.#writers = Array.from({ length: 1 + random.below(3) }, (_, i) => new Writer(this, `writer${i}`, random))
    this.#readers = this.log.map((_, p) => new Reader(this, p, random))
    for (let step = 0; step < STEPS; step++) {
      this.#t += random.below(50)
      random.pick<Writer | Reader>([...this.#writers, ...this.#readers]).step()
    }
    for (const writer of this.#writers) writer.finish()
    for (const reader of this.#readers) reader.finish()
  }

  /** Time of the last event. */
  get endTime(): number {
    return this.#t
  }

  begin(who: string, life: number): GeneratedLife {
    const begun = { who, life, events: [] }
    this.lives.push(begun)
    return begun
  }

  append(life: GeneratedLife, ...events: readonly NewEvent[]): void {
    for (const event of events) life.events.push({ ...event, t: ++this.#t } as HistoryEvent)
  }

  /** What the checker takes; consecutive records are put together as processes do. */
  get histories(): History[] {
    return this.lives.map(({ who, life, events }) => {
      const whole = events.map(event => (event.e === 'read' ? { ...event, runs: compact(event.runs) } : event))
      return { file: `${who}.${life}`, events: [{ e: 'begin', who, life, t: events[0]?.t ?? 0 }, ...whole] }
    })
  }

  get reading(): { p: number; runs: ReadRun[] }[] {
    return this.log.map((runs, p) => ({ p, runs: compact(runs) }))
  }
}

function compact(runs: readonly ReadRun[]): ReadRun[] {
  const merged: { -readonly [Key in keyof ReadRun]: ReadRun[Key] }[] = []
  for (const run of runs) {
    const last = merged.at(-1)
    const isNext = last?.w === run.w && last.life === run.life && last.p === run.p && last.to + 1 === run.from
    if (last && isNext && last.at + run.from - last.from === run.at) last.to = run.to
    else merged.push({ ...run })
  }
  return merged
}

class Writer {
  #life: GeneratedLife
  #next: number[] = []
  /** Sent, in the log, and not yet answered. */
  #unanswered: Values[] = []

  constructor(
    private readonly run: Generated,
    private readonly name: string,
    private readonly random: Random
  ) {
    this.#life = run.begin(name, 1)
  }

  step(): void {
    const chance = this.random.next()
    if (chance < 0.6) this.#unanswered.push(this.#write(true))
    else if (chance < 0.85) this.#answer()
    else if (chance < 0.9) this.run.append(this.#life, { e: 'unknown', ...this.#write(this.random.below(2) === 0) })
    else if (chance < 0.95) this.#fail()
    else this.#restart()
  }

  finish(): void {
    this.#answer()
    this.run.append(this.#life, { e: 'end' })
  }

  #write(isStored: boolean): Values {
    const p = this.random.below(this.run.log.length)
    const from = this.#next[p] ?? 0
    const to = from + this.random.below(MOST_OF_A_BATCH)
    this.#next[p] = to + 1
    const values = { w: this.name, life: this.#life.life, p, from, to }
    this.run.append(this.#life, { e: 'sent', ...values })
    const log = this.run.log[p] as ReadRun[]
    // Now and then there are offsets without a record, as of transactions.
    const gap = this.random.below(10) === 0 ? 1 : 0
    for (let n = from; isStored && n <= to; n++)
      log.push({ ...values, from: n, to: n, at: gap + (log.at(-1)?.at ?? -1) + 1 })
    return values
  }

  #answer(): void {
    for (const values of this.#unanswered) this.run.append(this.#life, { e: 'ack', ...values })
    this.#unanswered = []
  }

  #fail(): void {
    this.#answer()
    this.run.append(this.#life, { e: 'fail', ...this.#write(false) }, { e: 'end', error: 'failed' })
    this.#restart()
  }

  /** Without a word: what was not answered stays so. */
  #restart(): void {
    this.#life = this.run.begin(this.name, this.#life.life + 1)
    this.#next = []
    this.#unanswered = []
  }
}

/** Of one partition. Its successor is now and then another one of the group. */
class Reader {
  #life: GeneratedLife
  #lives = 1
  /** Index in the log of what comes next, and of what is not committed. */
  #next = 0
  #committed = 0

  constructor(
    private readonly run: Generated,
    private readonly p: number,
    private readonly random: Random
  ) {
    this.#life = run.begin(`reader${p}`, 1)
  }

  step(): void {
    const chance = this.random.next()
    if (chance < 0.7) this.#read(1 + this.random.below(MOST_OF_A_BATCH))
    else if (chance < 0.85) this.#commit()
    else this.#restart(chance < 0.95)
  }

  finish(): void {
    while (this.#next < this.#log.length) this.#read(MOST_OF_A_BATCH)
    this.#commit()
    this.run.append(this.#life, { e: 'end' })
  }

  get #log(): ReadRun[] {
    return this.run.log[this.p] as ReadRun[]
  }

  #read(count: number): void {
    const { length } = this.#log.slice(this.#next, this.#next + count)
    if (length === 0) return
    if (this.#next + length - this.#committed > WINDOW_RECORDS) this.#commit()
    const runs = this.#log.slice(this.#next, this.#next + length)
    this.run.append(this.#life, { e: 'read', r: this.#life.who, p: this.p, runs })
    this.#next += length
  }

  #commit(): void {
    const last = this.#log[this.#next - 1]
    if (!last || this.#committed === this.#next) return
    const point = { r: this.#life.who, p: this.p, next: last.at + 1 }
    this.run.append(this.#life, { e: 'done', ...point }, { e: 'commit', ...point })
    this.#committed = this.#next
  }

  #restart(dies: boolean): void {
    if (!dies) {
      this.#commit()
      this.run.append(this.#life, { e: 'end' })
    }
    this.#next = this.#committed
    const who = this.random.below(4) === 0 ? `reader${this.p}.other` : `reader${this.p}`
    this.#life = this.run.begin(who, ++this.#lives)
  }
}
