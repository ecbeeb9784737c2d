/** A process that can be paused and killed between any two of its steps. */
import type { Clock } from '../../lib/deadline.js'
import type { Random } from '../support/random.js'
import type { Cluster } from './cluster.js'
import type { VirtualTime } from './virtual-time.js'

const LONGEST_LATENCY_MS = 300
const LONG_SILENCE_MS = 60_000

export class SimProcess {
  isAlive = true
  isPaused = false
  /** When it began to run, or went on after it had stood still. */
  runningSince: number
  /** When its last status message reached the log, and since when they came without a long silence. */
  lastHeard = -Infinity
  heardSince = -Infinity
  readonly clock: Clock
  readonly #held: (() => void)[] = []

  constructor(
    readonly name: string,
    readonly time: VirtualTime,
    readonly cluster: Cluster,
    readonly random: Random
  ) {
    this.runningSince = time.now
    this.clock = {
      now: () => time.now,
      after: (ms, act) => {
        let isCancelled = false
        const cancel = time.after(ms, () => this.step(() => isCancelled || act()))
        return () => {
          isCancelled = true
          cancel()
        }
      }
    }
  }

  /** A status message of it has reached the log. */
  heard(): void {
    const { now } = this.time
    if (now - this.lastHeard > LONG_SILENCE_MS) this.heardSince = now
    this.lastHeard = now
  }

  kill(): void {
    this.isAlive = false
    this.#held.length = 0
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    if (this.isPaused) this.runningSince = this.time.now
    this.isPaused = false
    for (const act of this.#held.splice(0)) this.step(act)
  }

  /** A step of the program: not made by one that is dead, and made later by one that is paused. */
  step(act: () => void): void {
    if (!this.isAlive) return
    if (this.isPaused) this.#held.push(act)
    else act()
  }

  /** Sends a request, which arrives whatever becomes of the sender; what it throws there rejects. */
  request<Answer>(atCluster: () => Answer): Promise<Answer> {
    const latency = (): number => this.random.below(LONGEST_LATENCY_MS)
    return new Promise((resolve, reject) => {
      this.time.after(latency(), () => {
        this.cluster.whenUp(() => {
          let answer: () => void
          try {
            const value = atCluster()
            answer = () => resolve(value)
          } catch (error) {
            answer = () => reject(error as Error)
          }
          this.time.after(latency(), () => this.step(answer))
        })
      })
    })
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.clock.after(ms, resolve))
  }
}
