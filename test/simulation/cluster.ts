/** A Kafka cluster as far as the protocol sees one: topics with records that are only counted, and committed offsets. */
import type { StatusEntry, Role } from '../../lib/channel/status/index.js'
import type { Random } from '../support/random.js'
import type { VirtualTime } from './virtual-time.js'

/** How long after the cluster has come back a client finds it. */
const LONGEST_RETURN_MS = 30_000
/** The name of the writer that nobody expects. */
export const LATE = 'late'
/** The newest records of a topic are never compacted. */
const ACTIVE_SEGMENT_RECORDS = 3

interface Report {
  readonly state?: string
  readonly incarnation?: string
  readonly committed?: readonly (readonly [number, number])[] | null
}

/** The three topics of a channel, in one of their lives. */
export class Topics {
  isDeleted = false
  readonly status: Record<Role, StatusEntry[]> = { reader: [], writer: [] }
  readonly end: Record<Role, number> = { reader: 0, writer: 0 }
  /** End offset of each data partition. */
  readonly data: number[] = []
  /** The same, of records that no newer incarnation of their writer would have written again. */
  readonly goodData: number[] = []
  /** -1 for nothing. */
  readonly committed: number[] = []
  /** The most that was ever committed: what is read is read, also if somebody who stood still commits less. */
  readonly done: number[] = []
  /** Partitions of which a reader has said, while it was the newest of its name, that it has committed in them. */
  readonly told = new Set<number>()
  readonly #newest = new Map<string, string>()
  readonly followers = new Set<() => void>()

  constructor(
    private readonly trace: (what: string) => void,
    private readonly onRetiring: () => void
  ) {}

  addPartitions(total: number): void {
    while (this.data.length < total) {
      this.data.push(0)
      this.goodData.push(0)
      this.committed.push(-1)
      this.done.push(0)
    }
  }

  append(entry: Omit<StatusEntry, 'offset'>): void {
    this.checkAlive()
    const { role, key } = entry
    const report = JSON.parse(String(entry.report ?? '{}')) as Report
    const { state, incarnation = '', committed } = report
    const [sender = '', status] = String(key).split('.state.')
    if (status === 'Opened') this.#newest.set(sender, incarnation)
    if (this.#newest.get(sender) === incarnation) {
      for (const [partition, offset] of committed ?? []) if (offset > 0) this.told.add(partition)
    }
    this.trace(`log ${role} ${this.end[role]}: ${String(key)} ${state} of ${incarnation}`)
    if (String(key).endsWith('.Retiring')) this.onRetiring()
    this.status[role].push({ ...entry, offset: this.end[role]++ })
    for (const wake of this.followers) wake()
  }

  /** Whether the last word of a principal is that all of the run is over. */
  isRunOver(): boolean {
    // The writer that nobody expects opens when the run is over, and belongs to the next.
    return this.#haveFinished(key => key !== `${LATE}.state.Opened`)
  }

  /** Whether nothing of the run is left that the next could take for its own. */
  isFreeForAnotherRun(): boolean {
    return this.#haveFinished(() => true)
  }

  /** Whether the last principal has said that it has finished all writers that opened last. */
  #haveFinished(concerns: (key: string) => boolean): boolean {
    const last = this.status.reader.filter(({ key }) => String(key) === 'reader0.state.Closed').at(-1)
    const { finishedUpTo = 0 } = JSON.parse(String(last?.report ?? '{}')) as { finishedUpTo?: number }
    const opened = this.status.writer.filter(({ key }) => String(key).endsWith('.Opened') && concerns(String(key)))
    const lastOpened = opened.at(-1)
    return lastOpened !== undefined && lastOpened.offset < finishedUpTo
  }

  commit(positions: ReadonlyMap<number, number>): void {
    this.checkAlive()
    for (const [partition, position] of positions) {
      this.committed[partition] = position
      this.done[partition] = Math.max(position, this.done[partition] ?? 0)
    }
  }

  /** Kafka forgets what the group has committed. */
  expire(): void {
    this.trace('the offsets of the group expire')
    this.committed.fill(-1)
  }

  checkAlive(): void {
    if (this.isDeleted) throw new TopicsGone()
  }

  /** Keeps the last record of each key. */
  compact(role: Role): void {
    this.trace(`the ${role}s' status topic is compacted`)
    const last = new Map(this.status[role].map(({ key, offset }) => [key?.toString(), offset]))
    const active = this.end[role] - ACTIVE_SEGMENT_RECORDS
    this.status[role] = this.status[role].filter(
      ({ key, offset }) => offset >= active || last.get(key?.toString()) === offset
    )
  }
}

export class TopicsGone extends Error {
  constructor() {
    super('the topics are gone')
  }
}

export class Cluster {
  topics: Topics | undefined
  upSince = 0
  /** Called when a principal has announced that it is about to delete the topics. */
  onRetiring = (): void => undefined
  #isUp = true
  #stalled: (() => void)[] = []

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly trace: (what: string) => void
  ) {}

  get isUp(): boolean {
    return this.#isUp
  }

  whenUp(act: () => void): void {
    if (this.#isUp) act()
    else this.#stalled.push(act)
  }

  setUp(isUp: boolean): void {
    this.trace(`the cluster is ${isUp ? 'up' : 'down'}`)
    if (isUp && !this.#isUp) this.upSince = this.time.now
    this.#isUp = isUp
    if (!isUp) return
    for (const act of this.#stalled.splice(0))
      this.time.after(this.random.below(LONGEST_RETURN_MS), () => this.whenUp(act))
  }

  create(partitions: number): Topics {
    this.topics ??= new Topics(this.trace, () => this.onRetiring())
    this.topics.addPartitions(partitions)
    return this.topics
  }

  delete(topics: Topics): void {
    topics.checkAlive()
    this.trace('the topics are deleted')
    topics.isDeleted = true
    this.topics = undefined
    for (const wake of topics.followers) wake()
  }
}
