/** What a reader concludes from the status log: whether its writers are well, where they ended, whether it has finished. */
import { ChannelError } from '../../errors.js'
import type { ChannelEnd } from './channel-end.js'
import type { Ends } from './end-report.js'
import { hasStopped, type PeerRecord } from './peer.js'
import { otherSize } from './admission.js'
import { endsOf } from './rules.js'

/** Where a channel's writers have ended, all of them. */
export interface WritersEnded {
  readonly ends: Ends
  /** Whether one of them did not say where, as those of pypz: then the reader asks the broker, now. */
  readonly isVague: boolean
  /** What goes into the principal's `finishedUpTo` once all members have read to there. */
  readonly finishedUpTo: number
}

/** The writers that this reader reads from: all that have opened, but for those of a run that is over. */
export function writersOf(end: ChannelEnd): readonly PeerRecord[] {
  const { table, rules } = end.status
  const finishedUpTo = finishedUpToOf(end)
  return table.once(`writers from ${finishedUpTo}`, () =>
    table.peers('writer').filter(writer => rules.countsForReader(writer, finishedUpTo))
  )
}

/** Where the run began that this reader is in. */
export function finishedUpToOf({ self, status }: ChannelEnd): number {
  return status.table.principal(self.groupName)?.finishedUpTo ?? 0
}

/**
 * @param expected - how many writers there are; 0 when nobody said: then all that have opened, at least one
 * @returns undefined while one of them may still write
 */
export function writersEnded(end: ChannelEnd, expected: number): WritersEnded | undefined {
  const { table, rules } = end.status
  if (!table.isCaughtUp) return undefined
  const writers = writersOf(end)
  const { ended } = table.once(writers, () => {
    if (!rules.haveAllStopped(writers, expected)) return { ended: undefined }
    const isVague = writers.some(({ ends }) => ends === null)
    return { ended: { ends: endsOf(writers), isVague, finishedUpTo: table.end.writer } }
  })
  return ended
}

/**
 * The first of the counterparts that is lost or has failed.
 * @param waits - whether lost ones are waited for: `onPeerLost: 'wait'`
 */
export function lostPeer(end: ChannelEnd, waits: boolean): PeerError | undefined {
  const { table, channelName, rules } = end.status
  if (!table.isCaughtUp) return undefined
  const isReader = end.self.role === 'reader'
  const peers = isReader ? writersOf(end) : table.peers('reader')
  const which = isReader ? `writers from ${finishedUpToOf(end)}` : 'readers'
  // Those that give reason to look closer, mostly nobody.
  const suspects = table.once(`suspects among ${which} within ${end.patienceMs}`, () =>
    peers.filter(peer => peer.state === 'Error' || (!hasStopped(peer) && end.isLost(peer)))
  )
  for (const peer of suspects) {
    if (rules.failsWith(peer, end.openedAt)) return peerFailed(peer, channelName)
    if (!waits && !hasStopped(peer) && end.isLost(peer)) return peerLost(peer, channelName)
  }
  return undefined
}

/** Whether the principal of a reader's group announces another size than the reader was told. */
export function sizeConflict(end: ChannelEnd): ChannelError | undefined {
  const { self, status } = end
  if (self.role !== 'reader' || self.groupIndex === 0) return undefined
  const { table, rules } = status
  const principal = table.principal(self.groupName)
  if (!principal || !rules.isOtherSize(principal, self)) return undefined
  const isThere = principal.state !== 'Closed' && principal.state !== 'Error' && !end.isLost(principal)
  // One that opened later speaks for the group, also when it is no more.
  const isNewer = principal.opened > (end.record?.opened ?? 0)
  if (!isThere && !isNewer) return undefined
  return otherSize(principal, self, status.channelName)
}

/** A counterpart that has failed or is lost. */
export class PeerError extends ChannelError {
  override readonly isFatal = true
  /**
   * @param peer - the counterpart's name
   */
  constructor(
    code: 'ERR_MILLRACE_PEER_FAILED' | 'ERR_MILLRACE_PEER_LOST',
    message: string,
    readonly peer: string
  ) {
    super(code, message)
  }
}

function peerLost({ role, name, state }: PeerRecord, channelName: string): PeerError {
  const message =
    `the ${role} ${name} of ${channelName} is lost: it said ${state} and has been silent for longer than its patience, ` +
    "while the status log could be read; start it again, or open with onPeerLost: 'wait'"
  return new PeerError('ERR_MILLRACE_PEER_LOST', message, name)
}

function peerFailed({ role, name, error }: PeerRecord, channelName: string): PeerError {
  const message = `the ${role} ${name} of ${channelName} has failed: ${error ?? 'it did not say why'}; start it again, and this end after it`
  return new PeerError('ERR_MILLRACE_PEER_FAILED', message, name)
}
