/** The life of one end of a channel in the status log: it opens, starts, reports, stops, closes; or it fails. */
import { Deadline } from '../../deadline.js'
import { ChannelError } from '../../errors.js'
import { admission } from './admission.js'
import type { ChannelStatus, StatusListener } from './channel-status.js'
import { type EndReport, type Ends, type EndState, reportBytes } from './end-report.js'
import type { PeerRecord } from './peer.js'
import { type EndIdentity, firstReport, heartbeatMs, RETIRE_WITHIN_MS } from './rules.js'
import { schemaKey, statusKey } from './status-log.js'
import { type Status, statusValue } from './status-message.js'

export interface ChannelEndOptions {
  readonly status: ChannelStatus
  readonly self: EndIdentity
  /** New and random with each opening. */
  readonly incarnation: string
  /** Kafka's id of the data topic. */
  readonly topicId?: string
  /** Partitions of it. */
  readonly partitionCount: number
  /** How often it reports in small groups. */
  readonly heartbeatMs: number
  /** How long another end may be silent before this one takes it for lost. */
  readonly patienceMs: number
  /** The schema that it reads or writes with; a writer announces it. */
  readonly schema?: { readonly fingerprint: string; readonly json: string }
  /** What goes into the payload of its reports. */
  readonly payload?: () => unknown
  /** The time that messages carry, milliseconds since the epoch. */
  readonly wallClock: () => number
  /** Called after each change of what is known. */
  readonly onChange?: () => void
}

/** How long one report may take before the next is due anyway. */
const REPORT_TIMEOUT_MS = 30_000
/** How long an end that could not open tries to say so. */
const WITHDRAW_TIMEOUT_MS = 1000

export class ChannelEnd implements StatusListener {
  readonly self: EndIdentity
  readonly status: ChannelStatus
  readonly #options: ChannelEndOptions
  readonly #unlisten: () => void
  #report: EndReport
  #stateSince: number
  #openedAt = Infinity
  #followsCrash = false
  #openedBefore = -1
  #hasOpened = false
  /** Set once the log was read past its Opened: from then on another incarnation is a newer one. */
  #isInLog = false
  #failure: Error | undefined
  #committed: () => Ends = () => new Map()
  #cancelHeartbeat: (() => void) | undefined
  #lastAppend: Promise<void> = Promise.resolve()

  private constructor(options: ChannelEndOptions) {
    this.#options = options
    this.self = options.self
    this.status = options.status
    const { incarnation, self, schema, topicId } = options
    this.#report = firstReport(incarnation, self, schema?.fingerprint ?? null, topicId ?? null)
    this.#stateSince = this.status.clock.now()
    this.#unlisten = this.status.listen(options.self.role, options.self.name, this)
  }

  /**
   * Reads the log to its end, waits until this end may be there, says Opened, and makes sure of it once more, since
   * others may have opened, or begun to delete the topics, at the same time.
   *
   * @throws ChannelError when it may not be there at all; what the log fails with when the topics are gone
   */
  static async open(options: ChannelEndOptions, deadline: Deadline): Promise<ChannelEnd> {
    const end = new ChannelEnd(options)
    try {
      await end.#open(deadline)
      return end
    } catch (error) {
      await end.withdraw()
      throw error
    }
  }

  get state(): EndState {
    return this.#report.state
  }

  /**
   * Whether an incarnation before this one did not close: it may have written where this one does not, so the ends that
   * this one announces are those of all partitions.
   */
  get followsCrash(): boolean {
    return this.#followsCrash
  }

  /** When it opened, by its own clock. */
  get openedAt(): number {
    return this.#openedAt
  }

  get patienceMs(): number {
    return this.#options.patienceMs
  }

  get report(): EndReport {
    return this.#report
  }

  /** Why this end can do nothing any more: superseded, refused, or its topics are gone. */
  get failure(): Error | undefined {
    return this.#failure ?? this.status.failure
  }

  /** Whether it takes another end for lost. */
  isLost(peer: PeerRecord): boolean {
    return this.status.table.isLost(peer, this.#options.patienceMs)
  }

  /** Its own record in the table, of whichever incarnation is the newest. */
  get record(): PeerRecord | undefined {
    return this.status.table.peer(this.self.role, this.self.name)
  }

  /** What it says from now on; a new state is told at once. Resolves when it is acknowledged. */
  async tell(change: Partial<Omit<EndReport, 'incarnation'>>, deadline: Deadline): Promise<void> {
    if (this.failure && change.state !== 'Error') throw this.failure
    const before = this.state
    this.#report = { ...this.#report, ...change }
    if (this.state === before) return
    this.#stateSince = this.status.clock.now()
    await this.#append(this.state, deadline)
  }

  /** @param committed - asked with each report, so that no commit costs a message: what a reader has committed */
  tellCommitted(committed: () => Ends): void {
    this.#committed = committed
  }

  /** Makes sure, before something that cannot be undone, that no newer incarnation has taken over. */
  async ensureNewest(deadline: Deadline): Promise<void> {
    if (this.status.rules.looksOnceMore()) await this.status.readToEnd(deadline)
    if (this.failure) throw this.failure
  }

  /** Its last word; nothing is said after it. Resolves also when nobody can hear it within the deadline. */
  async fail(error: Error, deadline: Deadline): Promise<void> {
    this.#failure ??= error
    this.#end()
    if (this.status.failure || error instanceof SupersededError) return
    const { peer: blames = null } = error as { peer?: string | null }
    await this.tell({ state: 'Error', error: error.message.slice(0, 1000), blames }, deadline).catch(() => undefined)
  }

  /**
   * Of an end that could not open altogether, or not start: the others shall not wait for it, nor fail with it, nor take
   * it for one that has come to its end. What a writer before it has begun and not ended they wait for as before.
   */
  async withdraw(): Promise<void> {
    this.#end()
    if (!this.#hasOpened || this.failure) return
    const { rules, clock } = this.status
    const takesBack = rules.takesBack()
    if (takesBack && this.self.role === 'writer' && this.#followsCrash) return
    const takenBackTo = takesBack ? this.#openedBefore : null
    await this.tell({ state: 'Closed', takenBackTo }, new Deadline({}, WITHDRAW_TIMEOUT_MS, clock)).catch(
      () => undefined
    )
  }

  /** Says no more. Idempotent. */
  end(): void {
    this.#end()
  }

  changed(): void {
    const { record, status, self } = this
    if (this.#isInLog && !this.#failure && status.rules.isSuperseded(this.#report.incarnation, record)) {
      this.#failure ??= new SupersededError(self, record?.groupSize ?? 0, status.channelName)
      this.#end()
    }
    this.#options.onChange?.()
  }

  /** An older incarnation has spoken after this one: what it said stands for this one's after the next compaction. */
  sawStale({
    role,
    message,
    report
  }: {
    role: string
    message: { sender: string }
    report?: EndReport | undefined
  }): void {
    const isOwn = role === this.self.role && message.sender === this.self.name
    if (!isOwn || !this.#isInLog || this.failure || report?.incarnation === this.#report.incarnation) return
    this.#append(this.state, this.#reportDeadline()).catch(() => undefined)
  }

  async #open(deadline: Deadline): Promise<void> {
    const { status, self } = this
    if (status.rules.readsFirst()) await status.readToEnd(deadline)
    const opensAt = (this.#openedAt = status.clock.now())
    const { schema, partitionCount } = this.#options
    const applicant = { self, partitionCount, opensAt, isLost: (peer: PeerRecord) => this.isLost(peer) }
    const admitted = async (): Promise<void> => {
      let reason = ''
      const isFree = (): true | undefined => {
        if (this.#failure) throw this.#failure
        reason = admission(status.table, applicant) ?? ''
        return reason === '' ? true : undefined
      }
      await status.until(isFree, deadline, () => reason)
    }
    await admitted()
    const before = this.record
    this.#followsCrash = before !== undefined && before.state !== 'Closed'
    this.#openedBefore = before?.opened ?? -1
    // A deletion that the one before has begun may still be on its way: nobody shall trust the topics until then.
    const mayBeDeleted = before?.state === 'Retiring'
    this.#report = {
      ...this.#report,
      state: mayBeDeleted ? 'Retiring' : 'Opened',
      ends: before?.ends ?? null,
      // Offsets in another topic of the same name are none in this one.
      committed: before?.topicId === this.#report.topicId ? before.committed : null,
      finishedUpTo: before?.finishedUpTo ?? 0
    }
    // By its text: what stands under that fingerprint may have come from somebody who got it wrong.
    if (self.role === 'writer' && schema && status.table.schemas.get(schema.fingerprint) !== schema.json) {
      const value = Buffer.from(schema.json)
      await status.append({ role: 'writer', key: schemaKey(schema.fingerprint), value }, deadline)
    }
    this.#hasOpened = true
    this.#heartbeatLater()
    await this.#append('Opened', deadline)
    await this.ensureNewest(deadline)
    // Not when it is seen as the newest: both of two that open together may come out of the log at once.
    this.#isInLog = true
    this.changed()
    // Of a run that ended while this one opened.
    this.#report = { ...this.#report, finishedUpTo: this.record?.finishedUpTo ?? 0 }
    await admitted()
    if (mayBeDeleted) await deadline.pause(2 * RETIRE_WITHIN_MS, 'the deletion of the topics that was begun before')
    if (this.failure) throw this.failure
  }

  #heartbeatLater(): void {
    const { status, self } = this
    const ends = self.role === 'reader' ? self.groupSize : status.table.running('writer')
    const periodMs = heartbeatMs(ends, this.#options.heartbeatMs)
    this.#report = { ...this.#report, heartbeatMs: periodMs }
    this.#cancelHeartbeat = status.clock.after(periodMs, () => {
      // One that is not acknowledged is no harm: the next is on its way.
      this.#append('HealthCheck', this.#reportDeadline()).catch(() => undefined)
      this.#heartbeatLater()
    })
  }

  #reportDeadline(): Deadline {
    return new Deadline({}, REPORT_TIMEOUT_MS, this.status.clock)
  }

  /** One after the other, so that the last in the log is the last that was said. */
  #append(status: Status | EndState, deadline: Deadline): Promise<void> {
    const appended = this.#lastAppend.then(() => this.#appendNow(status, deadline))
    this.#lastAppend = appended.catch(() => undefined)
    // Those before it have times of their own: in an outage the last heartbeat's is longer than most.
    return deadline.wait(appended, () => `the acknowledgement of status messages of ${this.status.channelName}`)
  }

  async #appendNow(status: Status | EndState, deadline: Deadline): Promise<void> {
    const { self, status: channel } = this
    const { wallClock, payload } = this.#options
    const message = {
      channelName: channel.channelName,
      sender: self.name,
      groupName: self.groupName,
      groupIndex: self.groupIndex,
      // The original knows no such status; for it this end is still well.
      status: status === 'Retiring' ? 'HealthCheck' : status,
      payload: status === 'HealthCheck' ? (payload?.() ?? {}) : null,
      timestamp: wallClock()
    } as const
    // Over that of its earlier lives, which may have read other partitions.
    const all = new Map([...(this.#report.committed ?? []), ...this.#committed()])
    const committed = all.size > 0 ? all : null
    const report = { ...this.#report, committed, stateMs: Math.round(channel.clock.now() - this.#stateSince) }
    const key = statusKey(self.name, status)
    await channel.append({ role: self.role, key, value: statusValue(message), report: reportBytes(report) }, deadline)
  }

  #end(): void {
    this.#cancelHeartbeat?.()
    this.#unlisten()
  }
}

/** Another end of the same name has opened later; this one has stopped. */
export class SupersededError extends ChannelError {
  override readonly isFatal = true
  /** @param newerSize - what the other one was told of its group's size; 0 where it does not say */
  constructor({ role, name, groupSize }: EndIdentity, newerSize: number, channelName: string) {
    const size =
      newerSize > 0 && newerSize !== groupSize ? `, as a member of a group of ${newerSize} and not ${groupSize}` : ''
    super(
      'ERR_MILLRACE_SUPERSEDED',
      `another process has opened the ${role} ${name} of ${channelName} after this one, which stops${size}: give each end ` +
        'a name or an index of its own, or let only one of them run'
    )
  }
}
