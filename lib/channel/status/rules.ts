/**
 * The rules of the channel protocol, one function each, without a wait or a message in them. They are handed to whoever
 * applies them, so that a simulation can switch one off and show what it is for.
 */
import type { EndReport, Ends } from './end-report.js'
import { type Arrival, hasStopped, type PeerRecord } from './peer.js'

/** How well the status log can be read, by the local monotonic clock. */
export interface Health {
  /** Everything that stood in the log at this time has been seen; -Infinity before the log was read to its end. */
  readonly confirmedAt: number
  /** Since when it could be read without a gap. */
  readonly readableSince: number
}

/** Who an end is. */
export interface EndIdentity {
  readonly role: 'reader' | 'writer'
  /** Its name, the same after a restart; in pypz the full name of the port. */
  readonly name: string
  readonly groupName: string | null
  readonly groupIndex: number
  readonly groupSize: number
}

export interface Rules {
  /** Nothing is concluded before the log was read to its end. */
  readsFirst(): boolean
  /** Before something that cannot be undone, or that others rely on, the log is read to its end once more. */
  looksOnceMore(): boolean
  /** The newer incarnation of an end is the one whose Opened stands later in the log; messages of others count for nothing. */
  counts(peer: PeerRecord | undefined, arrival: Arrival): boolean
  /** Patience begins anew when the log could not be read for a while, or this process stood still. */
  wasInterrupted(health: Health, now: number, gapMs: number): boolean
  /** Nobody is dead before it was silent for its patience while the log could be read. */
  isLost(peer: PeerRecord, health: Health, patienceMs: number): boolean
  /** An end fails with a counterpart that fails while it is there, by itself and not because of another. */
  failsWith(peer: PeerRecord, openedAt: number): boolean
  /** The older of two incarnations of one end steps down. */
  isSuperseded(incarnation: string, current: PeerRecord | undefined): boolean
  /** A writer of a run that is over counts no more; once it opens anew it does. */
  countsForReader(writer: PeerRecord, finishedUpTo: number): boolean
  /** An end that could not start has not stopped: it takes its Opened back. */
  takesBack(): boolean
  /** A reader has finished when all its writers have stopped, which dead ones and those in Error have not. */
  haveAllStopped(writers: readonly PeerRecord[], expected: number): boolean
  /** ... and when it has handed out everything below all of their ends. */
  isReadToEnd(position: number, end: number): boolean
  /** A partition's new owner starts when the old one is closed, or lost. */
  ownsPartOf(other: PeerRecord, self: EndIdentity, partitionCount: number, isLost: boolean): boolean
  /** A member that was told another size than the principal announces refuses. */
  isOtherSize(principal: PeerRecord, self: EndIdentity): boolean
  /** Topics go only when every end is closed, all members of the group among them. */
  maySoonBeDeleted(others: readonly PeerRecord[], writers: readonly PeerRecord[], self: EndIdentity): boolean
  /** ... when all named ends are committed. */
  isCommitted(committed: number, end: number): boolean
  /** ... and not when the principal has stood still since it looked. */
  isFresh(lookedAt: number, now: number): boolean
  /** Who opens while the topics are about to be deleted waits until they are gone, or kept. */
  isRetiring(principal: PeerRecord | undefined): boolean
  /** Nothing committed means the beginning only of a log that has its own, and that its group has never committed in. */
  beginsAtZero(first: number, known: number): boolean
}

/** How long after its last look the principal may still delete. */
export const RETIRE_WITHIN_MS = 5000
/** A peer is never lost before it has missed so many of its own reports. */
const MISSED_REPORTS = 4

export const rules: Rules = {
  readsFirst: () => true,

  looksOnceMore: () => true,

  counts: (peer, { message, report }) =>
    peer === undefined || peer.incarnation === (report?.incarnation ?? '') || message.status === 'Opened',

  wasInterrupted: (health, now, gapMs) => now - health.confirmedAt > gapMs,

  isLost: (peer, { confirmedAt, readableSince }, patienceMs) =>
    peer.state !== 'Closed' &&
    confirmedAt - Math.max(peer.lastSeen, readableSince) > Math.max(patienceMs, MISSED_REPORTS * peer.heartbeatMs),

  failsWith: ({ state, blames, lastHeard }, openedAt) => state === 'Error' && blames === null && lastHeard >= openedAt,

  isSuperseded: (incarnation, current) => current !== undefined && current.incarnation !== incarnation,

  countsForReader: (writer, finishedUpTo) => !(hasStopped(writer) && writer.opened < finishedUpTo),

  takesBack: () => true,

  haveAllStopped: (writers, expected) => writers.length >= Math.max(1, expected) && writers.every(hasStopped),

  isReadToEnd: (position, end) => position >= end,

  ownsPartOf: (other, self, partitionCount, isLost) =>
    other.name !== self.name &&
    other.groupName === self.groupName &&
    other.state !== 'Closed' &&
    other.state !== 'Error' &&
    !isLost &&
    sharePartition(other, self, partitionCount),

  isOtherSize: (principal, { groupSize }) => principal.groupSize > 0 && principal.groupSize !== groupSize,

  maySoonBeDeleted: (others, writers, self) =>
    others.filter(({ groupSize }) => groupSize === self.groupSize || groupSize === 0).length >= self.groupSize - 1 &&
    others.every(({ state }) => state === 'Closed') &&
    writers.length > 0 &&
    writers.every(({ state }) => state === 'Closed'),

  isCommitted: (committed, end) => committed >= end,

  isFresh: (lookedAt, now) => now - lookedAt <= RETIRE_WITHIN_MS,

  isRetiring: principal => principal?.state === 'Retiring',

  beginsAtZero: (first, known) => first === 0 && known <= 0
}

/** Whether two members, each told a size of the group, both read one of the partitions. */
function sharePartition(one: PeerRecord, other: EndIdentity, partitionCount: number): boolean {
  const size = Math.max(1, one.groupSize)
  for (let partition = one.groupIndex % size; partition < partitionCount; partition += size) {
    if (partition % other.groupSize === other.groupIndex) return true
  }
  return false
}

/** Behind the last record of every partition, by the writers that said where they ended. */
export function endsOf(writers: Iterable<PeerRecord>): Ends {
  const ends = new Map<number, number>()
  for (const { ends: own } of writers) {
    for (const [partition, end] of own ?? []) ends.set(partition, Math.max(end, ends.get(partition) ?? 0))
  }
  return ends
}

/** What an end says of itself when it opens. */
export function firstReport(
  incarnation: string,
  self: EndIdentity,
  fingerprint: string | null,
  topicId: string | null
): EndReport {
  return {
    incarnation,
    state: 'Opened',
    stateMs: 0,
    groupSize: self.groupSize,
    heartbeatMs: 0,
    fingerprint,
    ends: null,
    topicId,
    committed: null,
    finishedUpTo: 0,
    takenBackTo: null,
    error: null,
    blames: null
  }
}

/** Lets a status topic carry at most about 100 messages a second, however many ends there are. */
export function heartbeatMs(ends: number, shortestMs: number): number {
  return Math.max(shortestMs, ends * 10)
}
