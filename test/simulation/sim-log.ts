/** The status log of one process: messages come late, in pieces cut anywhere, and not at all while the cluster is away. */
import type { NewEntry, Role, StatusEntry, StatusLog } from '../../lib/channel/status/index.js'
import { type Topics, TopicsGone } from './cluster.js'
import type { SimProcess } from './sim-process.js'

const LONGEST_DELAY_MS = 1000
const roles: readonly Role[] = ['reader', 'writer']

export class SimLog implements StatusLog {
  readonly #next: Record<Role, number> = { reader: 0, writer: 0 }
  #isDelivering = false
  #onEntries: (entries: readonly StatusEntry[]) => void = () => undefined
  #onFailed: (error: Error) => void = () => undefined
  #waiting: {
    readonly ends: Record<Role, number>
    readonly resolve: () => void
    readonly reject: (error: Error) => void
  }[] = []

  constructor(
    private readonly process: SimProcess,
    private readonly topics: Topics,
    /** Called with the key of each message of this process when it has come into the log. */
    private readonly onAppended: (key: string) => void
  ) {}

  follow(onEntries: (entries: readonly StatusEntry[]) => void, onFailed: (error: Error) => void): void {
    this.#onEntries = onEntries
    this.#onFailed = onFailed
    this.topics.followers.add(() => this.#deliverLater())
    this.#deliverLater()
  }

  append({ role, key, value, report }: NewEntry): Promise<void> {
    return this.process.request(() => {
      this.topics.append({ role, key: Buffer.from(key), value, report })
      this.process.heard()
      this.onAppended(key)
    })
  }

  async readToEnd(): Promise<void> {
    const ends = await this.process.request(() => {
      this.topics.checkAlive()
      return { ...this.topics.end }
    })
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ ends, resolve, reject })
      this.#wakeWaiting()
    })
  }

  #deliverLater(): void {
    if (this.#isDelivering || !this.process.isAlive) return
    this.#isDelivering = true
    this.process.time.after(this.process.random.below(LONGEST_DELAY_MS), () =>
      this.process.cluster.whenUp(() => this.process.step(() => this.#deliver()))
    )
  }

  #deliver(): void {
    this.#isDelivering = false
    if (this.topics.isDeleted) {
      const error = new TopicsGone()
      this.#onFailed(error)
      for (const { reject } of this.#waiting.splice(0)) reject(error)
      return
    }
    const entries: StatusEntry[] = []
    for (const role of roles) {
      const waiting = this.topics.status[role].filter(({ offset }) => offset >= this.#next[role])
      const taken = waiting.slice(0, this.process.random.below(waiting.length + 1))
      entries.push(...taken)
      // A reader's position passes over what compaction has taken away.
      this.#next[role] =
        taken.length === waiting.length ? this.topics.end[role] : (waiting[taken.length] as StatusEntry).offset
    }
    if (entries.length > 0) this.#onEntries(entries)
    this.#wakeWaiting()
    if (roles.some(role => this.#next[role] < this.topics.end[role])) this.#deliverLater()
  }

  #wakeWaiting(): void {
    this.#waiting = this.#waiting.filter(({ ends, resolve }) => {
      const isThere = roles.every(role => this.#next[role] >= ends[role])
      if (isThere) resolve()
      return !isThere
    })
  }
}
