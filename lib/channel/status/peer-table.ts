/** Everything that the status log of a channel says, and who can be trusted to be alive. No wait, no message out. */
import type { Clock } from '../../deadline.js'
import { type Arrival, hasStopped, type PeerRecord, withMessage } from './peer.js'
import { parseReport } from './end-report.js'
import type { Health, Rules } from './rules.js'
import { fingerprintOfKey, isStatusKey, type Role, type StatusEntry } from './status-log.js'
import { parseStatus } from './status-message.js'

export interface PeerTableOptions {
  readonly channelName: string
  readonly clock: Pick<Clock, 'now'>
  readonly rules: Rules
  /** How long the log may not be readable before patience begins anew. */
  readonly gapMs: number
}

export class PeerTable {
  /** The schemas that writers have announced, JSON texts by fingerprint. */
  readonly schemas = new Map<string, string>()
  /** Counts up with whatever may lead to another conclusion: not with each sign of life. */
  version = 0
  readonly #known = new Map<unknown, unknown>()
  #knownAt = -1
  /** Records that are no status messages, and what was wrong with the last. */
  malformed = 0
  lastProblem: string | undefined
  /** Messages of incarnations that are not the newest. */
  stale = 0
  /** Behind the last record of each topic that was seen. */
  readonly end = { reader: 0, writer: 0 }
  readonly #running = { reader: 0, writer: 0 }
  readonly #peers = { reader: new Map<string, PeerRecord>(), writer: new Map<string, PeerRecord>() }
  #health: Health = { confirmedAt: -Infinity, readableSince: -Infinity }

  constructor(readonly options: PeerTableOptions) {}

  /** Whether the log has been read to its end at least once. Before that nothing may be concluded. */
  get isCaughtUp(): boolean {
    return this.#health.confirmedAt > -Infinity || !this.options.rules.readsFirst()
  }

  get health(): Health {
    return this.#health
  }

  peer(role: Role, name: string): PeerRecord | undefined {
    return this.#peers[role].get(name)
  }

  peers(role: Role): readonly PeerRecord[] {
    return this.once(role, () => [...this.#peers[role].values()])
  }

  /**
   * What `conclude` says of the table as it is now, worked out once however many ends of this process ask.
   * @param key - of the question
   */
  once<Conclusion>(key: unknown, conclude: () => Conclusion): Conclusion {
    if (this.#knownAt !== this.version) {
      this.#known.clear()
      this.#knownAt = this.version
    }
    let conclusion = this.#known.get(key) as Conclusion | undefined
    if (conclusion === undefined) this.#known.set(key, (conclusion = conclude()))
    return conclusion
  }

  /** How many have not stopped. */
  running(role: Role): number {
    return this.#running[role]
  }

  /** The reader that creates and deletes the topics: index 0, of the group that opened last unless one is named. */
  principal(groupName?: string | null): PeerRecord | undefined {
    const { newest } = this.once(`principal of ${groupName}`, () => ({ newest: this.#newestPrincipal(groupName) }))
    return newest
  }

  #newestPrincipal(groupName: string | null | undefined): PeerRecord | undefined {
    let newest: PeerRecord | undefined
    for (const peer of this.#peers.reader.values()) {
      if (peer.groupIndex !== 0 || (groupName !== undefined && peer.groupName !== groupName)) continue
      if (peer.opened > (newest?.opened ?? -1)) newest = peer
    }
    return newest
  }

  /** @param patienceMs - how long it may be silent: each end of this process has a patience of its own */
  isLost(peer: PeerRecord, patienceMs: number): boolean {
    return this.options.rules.isLost(peer, this.#health, patienceMs)
  }

  /**
   * Takes a record of the log.
   * @returns a message that counted for nothing, as its sender has a newer incarnation
   */
  apply(entry: StatusEntry): Arrival | undefined {
    this.end[entry.role] = entry.offset + 1
    const fingerprint = fingerprintOfKey(entry.key)
    if (fingerprint !== undefined) {
      const schema = entry.value?.toString('utf8')
      if (!isJson(schema)) return this.#malformed(entry, `the schema of fingerprint ${fingerprint} is no JSON`)
      this.schemas.set(fingerprint, schema)
      this.version++
      return undefined
    }
    // The original passes over keys without the word; so does everything that shares its topics.
    if (!isStatusKey(entry.key)) return undefined
    const message = parseStatus(entry.value, this.options.channelName)
    const report = parseReport(entry.report)
    if (typeof message === 'string') return this.#malformed(entry, message)
    if (typeof report === 'string') return this.#malformed(entry, report)
    const { role, offset } = entry
    const arrival = { role, offset, message, report, now: this.options.clock.now(), isLive: this.isCaughtUp }
    const peer = this.#peers[role].get(message.sender)
    if (!this.options.rules.counts(peer, arrival)) {
      this.stale++
      return arrival
    }
    const after = withMessage(peer, arrival)
    this.#peers[role].set(message.sender, after)
    this.#running[role] += Number(!hasStopped(after)) - Number(peer !== undefined && !hasStopped(peer))
    if (!isSame(peer, after)) this.version++
    return undefined
  }

  #malformed({ role, offset }: StatusEntry, problem: string): undefined {
    this.malformed++
    this.lastProblem = `offset ${offset} of the ${role}s' status topic: ${problem}`
  }

  /** @param at - everything that stood in the log at this time has been applied */
  confirm(at: number): void {
    const { rules, gapMs } = this.options
    const interrupted = rules.wasInterrupted(this.#health, at, gapMs)
    this.#health = { confirmedAt: at, readableSince: interrupted ? at : this.#health.readableSince }
    this.version++
  }
}

function isJson(text: string | undefined): text is string {
  try {
    return text !== undefined && JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

/** Whether a message was no more than a sign of life. What depends on those alone is looked at with each confirmation. */
function isSame(before: PeerRecord | undefined, after: PeerRecord): boolean {
  return before?.incarnation === after.incarnation && before.state === after.state && before.opened === after.opened
}
