/**
 * Commits again what is committed: Kafka takes a group whose members are only assigned for an empty one, and forgets its
 * offsets `offsets.retention.minutes`, mostly 7 days, after its last commit, also under readers that are open.
 */
import { type Clock, Deadline, systemClock } from '../deadline.js'

const HOUR_MS = 3_600_000
/** At most so long after a reader has opened: its offsets may have been committed long before that. */
export const FIRST_RENEW_MS = HOUR_MS / 6
/** At most so long between two renewals, and at least half of it. */
export const RENEW_MS = 12 * HOUR_MS
/** How long after one that failed. */
export const RENEW_AGAIN_MS = HOUR_MS / 2
/** How long one may take. */
const RENEW_TIMEOUT_MS = 60_000

/** What is committed by one reader. */
export interface Renewable {
  /** Makes sure that it still speaks for its partitions: it may have stood still for long, and others have committed more. */
  isCurrent(deadline: Deadline): Promise<boolean>
  /** Commits it again, if there is anything. @param isWanted - whether it shall be tried again */
  renew(isWanted: () => boolean): Promise<void>
}

/** Its timers keep no process alive. */
const idleClock: Clock = {
  now: () => systemClock.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms).unref()
    return () => clearTimeout(timer)
  }
}

const renewals = new WeakMap<object, OffsetRenewal>()

/** One for all readers that commit through one client: one timer, and all that they commit in one request. */
export class OffsetRenewal {
  readonly #members = new Set<Renewable>()
  #cancel: (() => void) | undefined
  #dueAt = Infinity
  #hasWarned = false

  constructor(
    private readonly clock: Clock = idleClock,
    private readonly random: () => number = Math.random
  ) {}

  /** @param client - that readers commit through */
  static of(client: object): OffsetRenewal {
    let renewal = renewals.get(client)
    if (!renewal) renewals.set(client, (renewal = new OffsetRenewal()))
    return renewal
  }

  /** @returns ends it: from then on nothing is begun for this reader */
  add(member: Renewable): () => void {
    this.#members.add(member)
    if (!this.#cancel || this.#dueAt > this.clock.now() + FIRST_RENEW_MS) this.#renewIn(this.#upTo(FIRST_RENEW_MS))
    return () => {
      this.#members.delete(member)
      if (this.#members.size > 0) return
      this.#cancel?.()
      this.#cancel = undefined
    }
  }

  /** Processes that were started together spread by themselves. */
  #upTo(ms: number): number {
    return ms * (1 - this.random() / 2)
  }

  #renewIn(ms: number): void {
    this.#cancel?.()
    this.#dueAt = this.clock.now() + ms
    const cancel = this.clock.after(ms, () => {
      void this.#renewAll().then(isDone => {
        if (this.#cancel === cancel) this.#renewIn(isDone ? this.#upTo(RENEW_MS) : RENEW_AGAIN_MS)
      })
    })
    this.#cancel = cancel
  }

  /** @returns whether none has failed */
  async #renewAll(): Promise<boolean> {
    const results = await Promise.allSettled([...this.#members].map(member => this.#renew(member)))
    const failed = results.find(result => result.status === 'rejected')
    if (failed && !this.#hasWarned) this.#warn(failed.reason as Error)
    return failed === undefined
  }

  async #renew(member: Renewable): Promise<void> {
    const deadline = new Deadline({}, RENEW_TIMEOUT_MS, this.clock)
    const isOpen = (): boolean => this.#members.has(member)
    try {
      if ((await member.isCurrent(deadline)) && isOpen()) {
        await member.renew(() => isOpen() && deadline.remainingMs > 0)
      }
    } catch (error) {
      // What became of one that was closed meanwhile is nobody's concern.
      if (isOpen()) throw error
    }
  }

  #warn({ message }: Error): void {
    this.#hasWarned = true
    const warning = `offsets that are committed could not be committed again, so that Kafka keeps them (it is tried again): ${message}`
    process.emitWarning(warning, { code: 'MILLRACE_OFFSETS_NOT_RENEWED' })
  }
}
