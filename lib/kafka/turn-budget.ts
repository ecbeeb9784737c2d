/**
 * Keeps a client that always has records from starving the rest of the process: promises that resolve at once never
 * let the event loop turn.
 */

/** Bytes that are handed out before the event loop gets a turn: a few milliseconds of decoding. */
const BYTES_PER_TURN = 4 * 1024 * 1024

export class TurnBudget {
  #used = 0
  #turn: Promise<void> | undefined

  spend(bytes: number): void {
    this.#used += bytes
  }

  /** Resolved at once, or when the event loop has turned; undefined rather than a promise when there is no need. */
  get exhausted(): Promise<void> | undefined {
    if (this.#used < BYTES_PER_TURN) return undefined
    this.#turn ??= new Promise(resolve => {
      setImmediate(() => {
        this.#used = 0
        this.#turn = undefined
        resolve()
      })
    })
    return this.#turn
  }
}
