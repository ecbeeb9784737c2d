/**
 * A channel's status log as all ends of one process share it: one reading of it, one table of what it says, and a look
 * at regular times whether it can still be read to its end.
 */
import { type Clock, Deadline } from '../../deadline.js'
import { ChannelError, MillraceError, TimeoutError } from '../../errors.js'
import type { Arrival } from './peer.js'
import { PeerTable } from './peer-table.js'
import type { Rules } from './rules.js'
import type { NewEntry, Role, StatusEntry, StatusLog } from './status-log.js'

export interface ChannelStatusOptions {
  readonly channelName: string
  readonly log: StatusLog
  readonly clock: Clock
  readonly rules: Rules
  /** How often to look whether the log can be read to its end. */
  readonly confirmMs: number
  /** Called with each record that is no status message. */
  readonly onMalformed?: (problem: string) => void
}

/** So many looks may fail before patience begins anew. */
const GAP_CONFIRMS = 3

/** One of the ends that share this. */
export interface StatusListener {
  /** Something changed: a message, or how well the log can be read. */
  changed(): void
  /** A message came under this end's name that was of an older incarnation. */
  sawStale?(arrival: Arrival): void
}

export class ChannelStatus {
  readonly table: PeerTable
  readonly clock: Clock
  readonly rules: Rules
  readonly channelName: string
  readonly #options: ChannelStatusOptions
  readonly #listeners = new Map<string, StatusListener>()
  #reading: Promise<void> | undefined
  #readingNext: Promise<void> | undefined
  #cancelConfirm: (() => void) | undefined
  #changed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  #failure: Error | undefined
  #isClosed = false
  #notifiedOf = -1

  constructor(options: ChannelStatusOptions) {
    this.#options = options
    const { channelName, clock, rules, confirmMs, log } = options
    this.clock = clock
    this.rules = rules
    this.channelName = channelName
    this.table = new PeerTable({ channelName, clock, rules, gapMs: GAP_CONFIRMS * confirmMs })
    log.follow(
      entries => this.#take(entries),
      error => this.#fail(error)
    )
    this.#confirmLater()
  }

  /** Why nothing comes any more: a topic is gone, or another one. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * @param name - of the end, which may be there only once
   * @returns ends it
   * @throws ChannelError `ERR_MILLRACE_MEMBER_OPEN`
   */
  listen(role: Role, name: string, listener: StatusListener): () => void {
    const key = `${role} ${name}`
    if (this.#listeners.has(key)) {
      throw new ChannelError(
        'ERR_MILLRACE_MEMBER_OPEN',
        `the ${role} ${name} of ${this.channelName} is open in this process: close it first, or give this one another ` +
          (role === 'reader' ? 'group.index or name' : 'name')
      )
    }
    this.#listeners.set(key, listener)
    return () => {
      if (this.#listeners.get(key) === listener) this.#listeners.delete(key)
    }
  }

  append(entry: NewEntry, deadline: Deadline): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    return this.#options.log.append(entry, deadline)
  }

  /**
   * Resolves when everything that stood in the log at the call is in the table. Who calls while one reading is under
   * way shares the next.
   */
  async readToEnd(deadline: Deadline): Promise<void> {
    const what = (): string => `the status messages of ${this.channelName} to be read to their end`
    for (;;) {
      if (this.#failure) throw this.#failure
      try {
        await deadline.wait(this.#readNext(), what)
        break
      } catch (error) {
        if (this.#failure) throw this.#failure as Error
        // One reading has a time of its own, which an outage outlasts; who waits may have more.
        if (!(error instanceof TimeoutError)) throw error
        deadline.check(what, error)
      }
    }
    if (this.#failure) throw this.#failure as Error
  }

  /** Waits for a condition: `look` is called now and after each change until it has a result. */
  async until<T>(look: () => T | undefined, deadline: Deadline, waitedFor: () => string): Promise<T> {
    for (;;) {
      if (this.#failure) throw this.#failure
      const result = look()
      if (result !== undefined) return result
      await this.nextChange(deadline, waitedFor)
    }
  }

  /** Waits for something to change. */
  async nextChange(deadline: Deadline, waitedFor: () => string): Promise<void> {
    if (this.#failure) throw this.#failure
    await deadline.wait(this.#whenChanged(), waitedFor)
  }

  /** Nothing is taken from the log any more. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#cancelConfirm?.()
  }

  /** A reading that begins after the call. */
  #readNext(): Promise<void> {
    if (!this.#reading) return this.#readNow()
    return (this.#readingNext ??= this.#reading.then(
      () => this.#readNow(),
      () => this.#readNow()
    ))
  }

  #readNow(): Promise<void> {
    this.#readingNext = undefined
    // What is known afterwards is how the log was at this time, not when the answer came.
    const at = this.clock.now()
    const within = new Deadline({}, GAP_CONFIRMS * this.#options.confirmMs, this.clock)
    const reading = this.#options.log.readToEnd(within).then(() => {
      this.table.confirm(at)
      this.#notify()
    })
    const forget = (): void => {
      if (this.#reading === reading) this.#reading = undefined
    }
    reading.then(forget, forget)
    return (this.#reading = reading)
  }

  #confirmLater(): void {
    this.#cancelConfirm = this.clock.after(this.#options.confirmMs, () => void this.#confirm())
  }

  async #confirm(): Promise<void> {
    const within = new Deadline({}, GAP_CONFIRMS * this.#options.confirmMs, this.clock)
    await this.readToEnd(within).catch((error: unknown) => {
      // An answer that does not come confirms nothing, and that is all it does. But who may not read what the others
      // say would wait for ever, and say nothing itself of why.
      const isDenied = error instanceof MillraceError && error.code === 'ERR_MILLRACE_NOT_AUTHORIZED'
      if (isDenied && !this.#isClosed) this.#fail(error)
    })
    if (!this.#isClosed && !this.#failure) this.#confirmLater()
  }

  #take(entries: readonly StatusEntry[]): void {
    if (this.#isClosed) return
    const { malformed } = this.table
    for (const entry of entries) {
      const stale = this.table.apply(entry)
      if (stale) for (const listener of this.#listeners.values()) listener.sawStale?.(stale)
    }
    if (this.table.malformed > malformed) this.#options.onMalformed?.(this.table.lastProblem ?? '')
    this.#notify()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#cancelConfirm?.()
    this.#notify()
  }

  #notify(): void {
    if (this.table.version === this.#notifiedOf && !this.#failure) return
    this.#notifiedOf = this.table.version
    for (const listener of this.#listeners.values()) listener.changed()
    const changed = this.#changed
    this.#changed = undefined
    changed?.resolve()
  }

  #whenChanged(): Promise<void> {
    if (!this.#changed) {
      let resolve = (): void => undefined
      const promise = new Promise<void>(done => (resolve = done))
      this.#changed = { promise, resolve }
    }
    return this.#changed.promise
  }
}
