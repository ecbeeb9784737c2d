/** Clients of this process that several channel ends use together, kept while at least one uses them. */

/** What can be shared. */
export interface Closable {
  close(): Promise<void>
}

interface Entry<Client> {
  users: number
  readonly client: Promise<Client>
  /** Once it is connected. */
  connected?: Client
}

/** A user's hold on a client. */
export interface Lease<Client> {
  readonly client: Client
  /** Gives the hold back; the last one closes the client. Idempotent. */
  release(): Promise<void>
}

export class SharedClients<Client extends Closable> {
  readonly #entries = new Map<string, Entry<Client>>()

  /** Clients that are in use. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * The client of that key, made by `connect` when nobody has one. If that fails for the one who began it, perhaps by
   * its own deadline or signal, the next of those who wait for it tries anew with its own.
   */
  async lease(key: string, connect: () => Promise<Client>): Promise<Lease<Client>> {
    const existing = this.#entries.get(key)
    const used: Entry<Client> = existing ?? { users: 0, client: connect() }
    if (!existing) this.#entries.set(key, used)
    used.users++
    let client: Client
    try {
      client = used.connected = await used.client
    } catch (error) {
      this.forget(key, used)
      if (existing) return await this.lease(key, connect)
      throw error
    }
    let released: Promise<void> | undefined
    const release = (): Promise<void> => (released ??= this.#release(key, used, client))
    return { client, release }
  }

  async #release(key: string, entry: Entry<Client>, client: Client): Promise<void> {
    if (--entry.users > 0) return
    this.forget(key, entry)
    await client.close()
  }

  /** Nobody else gets this client; those who have it keep it. */
  private forget(key: string, entry: Entry<Client>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }

  /** As a client that is broken for good wants it: the next to ask gets a new one. */
  replace(client: Client): void {
    for (const [key, entry] of this.#entries) if (entry.connected === client) this.forget(key, entry)
  }
}
