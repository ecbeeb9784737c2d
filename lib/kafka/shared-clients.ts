/** Clients of this process that several channel ends use together, kept while at least one uses them. */
import { Deadline } from '../deadline.js'
import { BrokerError, TimeoutError } from '../errors.js'

/** What can be shared. */
export interface Closable {
  /** @param deadline - for what may take long: the answers to commits of a consumer. A producer takes 2 s at most. */
  close(deadline: Deadline): Promise<void>
}

interface Entry<Client> {
  /** Those who have it and those who wait for it. */
  users: number
  readonly client: Promise<Client>
  hasFailed: boolean
  /** Why it is not connected yet, as far as is known. */
  reason: string
  /** Once it is connected. */
  connected?: Client
}

/** A user's hold on a client. */
export interface Lease<Client> {
  readonly client: Client
  /** Gives the hold back; the last one closes the client, by default within 10 seconds. Idempotent. */
  release(deadline?: Deadline): Promise<void>
}

/**
 * Makes a client.
 * @param tell - takes why it is not connected yet
 */
export type Connect<Client> = (tell: (reason: string) => void) => Promise<Client>

const CLOSE_TIMEOUT_MS = 10_000
/** Nothing is begun anew that has less time than this, and would fail without having learned why. */
const LEAST_MS = 50

export class SharedClients<Client extends Closable> {
  readonly #entries = new Map<string, Entry<Client>>()

  /** Clients that are in use. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * The client of that key, made by `connect` when nobody has one. If that fails for the one who began it, perhaps by
   * its own deadline or signal, the next of those who wait for it tries anew with its own; unless the brokers refuse it,
   * as they would the next.
   *
   * @param servers - where it connects to, for the error
   * @param deadline - how long to wait for a connection that somebody else has begun; `connect` has its own
   */
  async lease(key: string, servers: string, connect: Connect<Client>, deadline: Deadline): Promise<Lease<Client>> {
    for (;;) {
      const joined = this.#entries.get(key)
      const entry = joined ?? this.#begin(key, connect)
      entry.users++
      const what = (): string => {
        const why = entry.reason && ` (${entry.reason})`
        return `a broker at ${servers}, to which another end in this process already connects${why}`
      }
      try {
        entry.connected = await (joined ? deadline.wait(entry.client, what) : entry.client)
        return this.#leaseOf(key, entry, entry.connected)
      } catch (error) {
        void this.#leave(key, entry, deadline)
        if (!joined || !entry.hasFailed || isForAll(error)) throw error
        deadline.check(what, error)
        if (deadline.remainingMs < LEAST_MS) throw new TimeoutError(what(), deadline.timeoutMs, { cause: error })
      }
    }
  }

  /** As a client that is broken for good wants it: the next to ask gets a new one. */
  replace(client: Client): void {
    for (const [key, entry] of this.#entries) if (entry.connected === client) this.#forget(key, entry)
  }

  #begin(key: string, connect: Connect<Client>): Entry<Client> {
    const told = { reason: '' }
    const client = connect(reason => (told.reason = reason))
    const entry: Entry<Client> = Object.assign(told, { users: 0, client, hasFailed: false })
    entry.client.catch(() => (entry.hasFailed = true))
    this.#entries.set(key, entry)
    return entry
  }

  #leaseOf(key: string, entry: Entry<Client>, client: Client): Lease<Client> {
    let released: Promise<void> | undefined
    return {
      client,
      release: (deadline = new Deadline({}, CLOSE_TIMEOUT_MS)) => (released ??= this.#leave(key, entry, deadline))
    }
  }

  async #leave(key: string, entry: Entry<Client>, deadline: Deadline): Promise<void> {
    entry.users--
    if (entry.users > 0 && !entry.hasFailed) return
    this.#forget(key, entry)
    // One that nobody waits for any more is connected or has failed: who connects it waits longest.
    if (!entry.hasFailed) await (await entry.client).close(deadline)
  }

  /** Nobody else gets this client; those who have it keep it. */
  #forget(key: string, entry: Entry<Client>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }
}

/** What the brokers would answer the next as well. */
function isForAll(error: unknown): boolean {
  return error instanceof BrokerError && !error.isRetriable
}
