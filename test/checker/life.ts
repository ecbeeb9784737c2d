/** The life of one process, as its history tells it. */
import { DefaultMap } from './default-map.js'
import type { HistoryEvent, Values } from './events.js'
import type { Findings } from './findings.js'
import type { Session, Sessions } from './sessions.js'
import type { Stream, Streams } from './streams.js'

interface Wait {
  readonly what: string
  readonly until: number
}

/** What is kept of it. */
export interface Life {
  readonly who: string
  readonly life: number
  end: 'died' | 'error' | 'orderly'
  /** When it ended or was killed; undefined where nobody knows. */
  endTime: number | undefined
  readonly beganAt: number
  /** Time of its last event, or when it was killed. */
  lastTime: number
  /** Waits that are open at its end. */
  readonly waits: Map<number, Wait>
  /** Those that ended behind their deadline. */
  readonly lateWaits: (Wait & { readonly endTime: number })[]
}

export function newLife({ who, life, t }: HistoryEvent & { e: 'begin' }): Life {
  const times = { beganAt: t, lastTime: t, endTime: undefined }
  return { who, life, end: 'died', ...times, waits: new Map(), lateWaits: [] }
}

/** Goes through the events of a life in their order. */
export class LifeReading {
  readonly #sessions = new Map<string, Session>()
  /** Records of transactions that have not ended. */
  readonly #open = new DefaultMap<number, { stream: Stream; values: Values }[]>(() => [])

  constructor(
    private readonly life: Life,
    private readonly streams: Streams,
    private readonly sessions: Sessions,
    private readonly findings: Findings
  ) {}

  take(event: HistoryEvent): void {
    this.life.lastTime = Math.max(this.life.lastTime, event.t)
    switch (event.e) {
      case 'sent':
        this.#sent(event)
        break
      case 'ack':
        this.#acknowledged(this.streams.of(event), event, event.t)
        break
      case 'fail':
        this.streams.of(event).failed.add(event.from, event.to)
        break
      case 'unknown':
        this.streams.of(event).unknown.add(event.from, event.to)
        break
      case 'tx':
        this.#transactionEnded(event)
        break
      case 'open':
        this.#sessions.set(event.r, this.sessions.start(event.r, this.life, true))
        break
      case 'read':
        this.#read(event)
        break
      case 'done':
        this.sessions.isDone(this.#session(event.r), event.p, event.next)
        break
      case 'commit':
        this.sessions.isCommitted(this.#session(event.r), event.p, event.next, event.t)
        break
      case 'wait':
        this.life.waits.set(event.id, event)
        break
      case 'waited':
        this.#waited(event)
        break
      case 'end':
        this.life.endTime = event.t
        this.life.end = event.error === undefined ? 'orderly' : 'error'
        for (const session of this.#sessions.values()) session.isInterrupted = event.error !== undefined
        break
      // Seen to by the account.
      case 'begin':
      case 'fault':
      case 'killed':
        break
    }
  }

  #waited({ id, t }: HistoryEvent & { e: 'waited' }): void {
    const wait = this.life.waits.get(id)
    if (wait && wait.until < t) this.life.lateWaits.push({ ...wait, endTime: t })
    this.life.waits.delete(id)
  }

  #sent(event: HistoryEvent & { e: 'sent' }): void {
    const stream = this.streams.of(event)
    const { from, to, t } = event
    stream.sent.add(from, to)
    stream.sends.push({ from, to, t })
    if (event.tx !== undefined) this.#open.of(event.tx).push({ stream, values: event })
  }

  #acknowledged(stream: Stream, { from, to }: Values, t: number): void {
    stream.acked.add(from, to)
    stream.acks.push({ from, to, t })
  }

  #transactionEnded({ tx, outcome, t }: HistoryEvent & { e: 'tx' }): void {
    for (const { stream, values } of this.#open.of(tx)) {
      if (outcome === 'committed') this.#acknowledged(stream, values, t)
      else stream.failed.add(values.from, values.to)
    }
    this.#open.delete(tx)
  }

  #read({ r, p, runs, t }: HistoryEvent & { e: 'read' }): void {
    for (const run of runs) {
      const stream = this.sessions.read(this.#session(r), p, run, t)
      for (const [tx, sent] of this.#open) {
        for (const { values } of sent.filter(one => one.stream === stream)) this.#precommitted(r, p, run, values, tx)
      }
    }
  }

  #precommitted(reader: string, partition: number, run: Values & { at: number }, sent: Values, tx: number): void {
    const n = Math.max(run.from, sent.from)
    const count = Math.min(run.to, sent.to) - n + 1
    if (count <= 0) return
    const offset = run.at < 0 ? undefined : run.at + n - run.from
    const stream = `${run.w}/${run.life}`
    this.findings.add({
      verdict: 'precommitted read',
      reader,
      partition,
      offset,
      stream,
      n,
      count,
      detail: `transaction ${tx}`
    })
  }

  #session(reader: string): Session {
    const known = this.#sessions.get(reader)
    if (known) return known
    const session = this.sessions.start(reader, this.life, false)
    this.#sessions.set(reader, session)
    return session
  }
}
