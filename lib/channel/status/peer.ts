/** One end of a channel as its status messages show it to the others. */
import type { EndReport, EndState } from './end-report.js'
import type { Role } from './status-log.js'
import type { Status, StatusMessage } from './status-message.js'

/** What is known of an end: of the newest of its incarnations. */
export interface PeerRecord extends Omit<EndReport, 'stateMs' | 'takenBackTo'> {
  readonly role: Role
  readonly name: string
  /** `null` for an end that is not replicated. */
  readonly groupName: string | null
  readonly groupIndex: number
  /** Members of its group; 0 where the messages do not say, as those of pypz. */
  readonly groupSize: number
  /** Random, new with each opening; empty for an end of pypz, which has none. */
  readonly incarnation: string
  /** The counters of its last report. */
  readonly payload: unknown
  /**
   * Offset of the first message of this incarnation, in the topic of its role; of one that could not start, that of the
   * one before, or −1.
   */
  readonly opened: number
  /** Arrival of its last message, by the local monotonic clock. */
  readonly lastSeen: number
  /** When it came into its state, by the same clock, as far as its messages tell. */
  readonly stateSince: number
  /** Arrival, of messages that came after the log had been read to its end; -Infinity while there is none. */
  readonly lastHeard: number
}

/** A message as it came. */
export interface Arrival {
  readonly role: Role
  readonly offset: number
  readonly message: StatusMessage
  readonly report: EndReport | undefined
  readonly now: number
  /** Whether the log has been read to its end before: else the message may be old. */
  readonly isLive: boolean
}

/** What the original says of itself every 2 seconds. */
const ORIGINAL_HEARTBEAT_MS = 2000

/** The peer after a message of one of its incarnations that counts. */
export function withMessage(peer: PeerRecord | undefined, arrival: Arrival): PeerRecord {
  const { report, now, isLive } = arrival
  const same = peer?.incarnation === (report?.incarnation ?? '') ? peer : undefined
  const lastHeard = isLive ? now : (same?.lastHeard ?? -Infinity)
  return report ? withReport(peer, same, arrival, report, lastHeard) : withEvent(same, arrival, lastHeard)
}

/** Field by field in both: a newcomer reads tens of thousands of messages, and spreading objects took half of that. */
function withReport(
  before: PeerRecord | undefined,
  same: PeerRecord | undefined,
  { role, offset, message, now }: Arrival,
  report: EndReport,
  lastHeard: number
): PeerRecord {
  return {
    role,
    name: message.sender,
    groupName: message.groupName,
    groupIndex: message.groupIndex,
    groupSize: report.groupSize,
    incarnation: report.incarnation,
    state: report.state,
    stateSince: now - report.stateMs,
    opened: report.takenBackTo ?? same?.opened ?? offset,
    lastSeen: now,
    lastHeard,
    heartbeatMs: report.heartbeatMs,
    fingerprint: report.fingerprint,
    ends: report.ends,
    topicId: report.topicId,
    committed: report.committed,
    // What the one before has said at the last moment counts too: the newer one may have opened without having seen it.
    finishedUpTo: Math.max(report.finishedUpTo, before?.finishedUpTo ?? 0),
    error: report.error,
    blames: report.blames,
    payload: message.payload ?? same?.payload ?? null
  }
}

/** A message of pypz, which is an event and says nothing else. */
function withEvent(
  same: PeerRecord | undefined,
  { role, offset, message, now }: Arrival,
  lastHeard: number
): PeerRecord {
  const { sender: name, groupName, groupIndex, status } = message
  // An end of pypz that opens anew is another life under the same name.
  const opened = same && status !== 'Opened' ? same.opened : offset
  const state = originalState(same?.state, status)
  return {
    role,
    name,
    groupName,
    groupIndex,
    groupSize: 0,
    incarnation: '',
    state,
    stateSince: same?.state === state && opened === same.opened ? same.stateSince : now,
    opened,
    lastSeen: now,
    lastHeard,
    heartbeatMs: ORIGINAL_HEARTBEAT_MS,
    fingerprint: null,
    ends: null,
    topicId: null,
    committed: null,
    finishedUpTo: 0,
    error: null,
    blames: null,
    payload: message.payload ?? same?.payload ?? null
  }
}

/** The state of an end of pypz, whose messages are events: from Error only Opened and Started lead on. */
function originalState(before: EndState | undefined, status: Status): EndState {
  switch (status) {
    case 'Opened':
    case 'Started':
      return status
    case 'Stopped':
    case 'Closed':
    case 'Error':
      return before === 'Error' ? before : status
    case 'HealthCheck':
    case 'WaitingForSchema':
    case 'Acknowledged':
      return before ?? 'Opened'
  }
}

/** Whether it runs no more, in good order. */
export function hasStopped({ state }: PeerRecord): boolean {
  return state === 'Stopped' || state === 'Closed' || state === 'Retiring'
}

/** For a sentence: names, and how many more where there are many. */
export function fewOf(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} others` : names.join(', ')
}
