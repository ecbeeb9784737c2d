/** Whether an end may be on its channel now, or what it has to wait for. */
import { ChannelError } from '../../errors.js'
import type { PeerRecord } from './peer.js'
import type { PeerTable } from './peer-table.js'
import type { EndIdentity } from './rules.js'

/** An end that asks to be let in. */
export interface Applicant {
  readonly self: EndIdentity
  /** Of the data topic. */
  readonly partitionCount: number
  /** Since when it opens: what was heard before may be out of date. */
  readonly opensAt: number
  /** Whether it takes another end for lost. */
  readonly isLost: (peer: PeerRecord) => boolean
}

/**
 * @returns what to wait for; undefined when there is nothing
 * @throws ChannelError `ERR_MILLRACE_GROUP_SIZE` when the group has another size
 */
export function admission(table: PeerTable, { self, partitionCount, opensAt, isLost }: Applicant): string | undefined {
  const { rules, channelName } = table.options
  const newest = table.principal()
  // One that is lost deletes nothing any more: it would have to look again first.
  if (newest && newest.name !== self.name && rules.isRetiring(newest) && !isLost(newest)) {
    return `the topics of ${channelName} to be deleted, as the principal ${newest.name} has begun to`
  }
  if (self.role === 'writer') return undefined
  const principal = table.principal(self.groupName)
  if (
    principal &&
    principal.name !== self.name &&
    isThere(principal) &&
    !isLost(principal) &&
    rules.isOtherSize(principal, self)
  ) {
    if (principal.lastHeard >= opensAt) throw otherSize(principal, self, channelName)
    return `a sign of life of ${principal.name}, which said that the group has ${principal.groupSize} members and not ${self.groupSize}`
  }
  const owner = possibleOwners(table, self).find(other => rules.ownsPartOf(other, self, partitionCount, isLost(other)))
  if (owner) {
    return `${owner.name}, which read partitions of member ${self.groupIndex} in a group of ${owner.groupSize}, to close or to be lost`
  }
  return undefined
}

/**
 * Members of the same size share no partition unless they have the same index; so of a thousand that open together, none
 * has to look at all others.
 */
function possibleOwners(table: PeerTable, { groupIndex, groupSize }: EndIdentity): readonly PeerRecord[] {
  const { ofOtherSizes, byIndex } = table.once(`readers by index in ${groupSize}`, () => {
    const peers = table.peers('reader')
    const byIndex = new Map<number, PeerRecord[]>()
    for (const peer of peers) {
      if (peer.groupSize !== groupSize) continue
      const same = byIndex.get(peer.groupIndex)
      if (same) same.push(peer)
      else byIndex.set(peer.groupIndex, [peer])
    }
    return { ofOtherSizes: peers.filter(peer => peer.groupSize !== groupSize), byIndex }
  })
  return [...ofOtherSizes, ...(byIndex.get(groupIndex) ?? [])]
}

function isThere({ state }: PeerRecord): boolean {
  return state !== 'Closed' && state !== 'Error'
}

/** Of an open member too: it can do nothing any more. */
class GroupSizeError extends ChannelError {
  override readonly isFatal = true
}

export function otherSize(principal: PeerRecord, self: EndIdentity, channelName: string): ChannelError {
  return new GroupSizeError(
    'ERR_MILLRACE_GROUP_SIZE',
    `${self.name} was told that its group has ${self.groupSize} members, but the principal ${principal.name} of ${channelName} ` +
      `announces ${principal.groupSize}: a running group is not rescaled, so stop all members and start them with one size`
  )
}
