/** How long a call may wait and what ends it early: a time, and an AbortSignal. Every wait of the library has one. */
import { setMaxListeners } from 'node:events'
import { inspect } from 'node:util'
import { TimeoutError } from './errors.js'

/** What each call that can wait accepts. */
export interface WaitOptions {
  /** Milliseconds until the call rejects with a `TimeoutError`; its default stands with each call. */
  readonly timeoutMs?: number | undefined
  /** Aborted, the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Where time comes from. Only a simulation has another than {@link systemClock}. */
export interface Clock {
  /** Milliseconds by a clock that nobody sets. */
  now(): number
  /** @returns cancels it */
  after(ms: number, act: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  }
}

/** The longest that Node's timers can wait; anything longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1

export class Deadline {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly #end: number

  /** @throws RangeError when `timeoutMs` is not a positive number; `Infinity` waits for ever */
  constructor(
    options: WaitOptions,
    defaultTimeoutMs: number,
    private readonly clock: Clock = systemClock
  ) {
    if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object, or left out')
    const { timeoutMs = defaultTimeoutMs, signal } = options
    if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) {
      throw new RangeError(`timeoutMs must be a positive number of milliseconds, not ${inspect(timeoutMs)}`)
    }
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal')
    this.timeoutMs = timeoutMs
    this.signal = signal
    this.#end = clock.now() + timeoutMs
  }

  /** Milliseconds left, 0 when it is over. */
  get remainingMs(): number {
    return Math.max(0, this.#end - this.clock.now())
  }

  /** Milliseconds left, as a whole number from 1 that timers and librdkafka accept; at most `atMostMs`. */
  remainingWithin(atMostMs = LONGEST_MS): number {
    return Math.max(1, Math.ceil(Math.min(atMostMs, LONGEST_MS, this.remainingMs)))
  }

  /** A deadline for a part of the wait: `ms` from now, or this one if it is nearer; the same signal. */
  within(ms: number): Deadline {
    return new Deadline({ timeoutMs: this.remainingWithin(ms), signal: this.signal }, ms, this.clock)
  }

  /** @throws the signal's reason, or a TimeoutError that says `waitedFor` */
  check(waitedFor: string | (() => string), cause?: unknown): void {
    this.signal?.throwIfAborted()
    if (this.remainingMs === 0) throw this.#expired(waitedFor, cause)
  }

  /** `promise`, unless the time or the signal ends the wait for it. The promise itself goes on. */
  async wait<T>(promise: Promise<T>, waitedFor: string | (() => string)): Promise<T> {
    if (this.timeoutMs > LONGEST_MS && !this.signal) return await promise
    return await new Promise<T>((resolve, reject) => {
      const expire = (): void => settle(() => reject(this.#expired(waitedFor)))
      const abort = (): void => settle(() => reject(this.signal?.reason as Error))
      // Whoever waits no longer also no longer cares how it ends: joined, it is not unhandled.
      const leave = join(promise, {
        resolve: value => settle(() => resolve(value)),
        reject: error => settle(() => reject(error))
      })
      let cancel: (() => void) | undefined
      const settle = (act: () => void): void => {
        leave()
        cancel?.()
        this.signal?.removeEventListener('abort', abort)
        act()
      }
      if (this.signal?.aborted) return abort()
      if (this.timeoutMs <= LONGEST_MS) cancel = this.clock.after(this.remainingWithin(), expire)
      if (this.signal) {
        // One signal may well end the waits of 1,000 readers; Node warns of a leak from 11 listeners on.
        setMaxListeners(0, this.signal)
        this.signal.addEventListener('abort', abort)
      }
    })
  }

  /** Lets `ms` pass between two attempts at something, or less if the deadline is nearer. */
  async pause(ms: number, waitedFor: string | (() => string), cause?: unknown): Promise<void> {
    this.check(waitedFor, cause)
    await new Promise<void>(resolve => {
      const cancel = this.clock.after(this.remainingWithin(ms), done)
      const { signal } = this
      function done(): void {
        signal?.removeEventListener('abort', done)
        cancel()
        resolve()
      }
      if (signal) {
        setMaxListeners(0, signal)
        signal.addEventListener('abort', done)
      }
    })
    this.check(waitedFor, cause)
  }

  #expired(waitedFor: string | (() => string), cause?: unknown): TimeoutError {
    const what = typeof waitedFor === 'string' ? waitedFor : waitedFor()
    return new TimeoutError(what, this.timeoutMs, cause === undefined ? undefined : { cause })
  }
}

/** One who waits for a promise; who leaves before it settles leaves nothing on it. */
interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/**
 * One set for each promise that has not settled yet. A reaction to a promise can never be taken back, so each wait with
 * one of its own would stay in memory until the promise settles: the polls of an idle reader all wait for the same one.
 */
const waiting = new WeakMap<Promise<unknown>, Set<Waiter<unknown>>>()

/** @returns ends the wait; without effect once the promise has settled */
function join<T>(promise: Promise<T>, waiter: Waiter<T>): () => void {
  const one = waiter as Waiter<unknown>
  let waiters = waiting.get(promise)
  if (!waiters) {
    const all = (waiters = new Set<Waiter<unknown>>())
    waiting.set(promise, all)
    promise.then(
      value => {
        waiting.delete(promise)
        for (const { resolve } of all) resolve(value)
      },
      (error: unknown) => {
        waiting.delete(promise)
        for (const { reject } of all) reject(error as Error)
      }
    )
  }
  waiters.add(one)
  return () => waiters.delete(one)
}
