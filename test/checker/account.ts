/** Goes once through all histories, and keeps of them what the checks need. */
import type { History, HistoryEvent } from './events.js'
import type { Findings } from './findings.js'
import { type Life, LifeReading, newLife } from './life.js'
import type { LogIndex } from './log-index.js'
import { Sessions } from './sessions.js'
import type { Streams } from './streams.js'

export interface Fault {
  readonly kind: string
  readonly t: number
}

export class Account {
  readonly lives: Life[] = []
  readonly faults: Fault[] = []
  /** When who was killed on purpose: `WHO LIFE`. */
  readonly #killed = new Map<string, number>()
  readonly sessions: Sessions
  /** Time of the last event of all. */
  lastTime = 0

  constructor(
    readonly streams: Streams,
    readonly log: LogIndex,
    private readonly findings: Findings,
    private readonly isOfChannel: (end: string) => boolean
  ) {
    this.sessions = new Sessions(streams, log)
  }

  take({ file, events }: History): void {
    let reading: LifeReading | undefined
    for (const event of events) {
      this.lastTime = Math.max(this.lastTime, event.t)
      if (event.e === 'begin') {
        const life = newLife(event)
        this.lives.push(life)
        reading = new LifeReading(life, this.streams, this.sessions, this.findings)
      } else if (event.e === 'fault') this.faults.push(event)
      else if (event.e === 'killed') this.#killed.set(`${event.who} ${event.life}`, event.t)
      else if (!reading) throw new Error(`${file}: ${event.e} comes before begin`)
      else if (this.#concerns(event)) reading.take(event)
    }
  }

  /** To be called when all histories are taken. */
  finish(): void {
    for (const life of this.lives) {
      const killed = this.#killed.get(`${life.who} ${life.life}`)
      life.endTime ??= killed
      life.lastTime = Math.max(life.lastTime, killed ?? 0)
    }
  }

  #concerns(event: HistoryEvent): boolean {
    if ('w' in event) return this.isOfChannel(event.w)
    return !('r' in event) || this.isOfChannel(event.r)
  }
}
