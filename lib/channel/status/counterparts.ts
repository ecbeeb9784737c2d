/** Which of the other side an end waits for before it begins. */
import type { Deadline } from '../../deadline.js'
import type { ChannelEnd } from './channel-end.js'
import { fewOf, hasStopped } from './peer.js'
import { finishedUpToOf, lostPeer, sizeConflict, writersOf } from './reader-end.js'
import type { Role } from './status-log.js'

/** `one` or `all` of them to be there; a reader's `stopped`: all to have written everything. */
export type AwaitedCounterparts = 'none' | 'one' | 'all' | 'stopped'

export interface CounterpartOptions {
  readonly awaited: AwaitedCounterparts
  /** How many writers there are, 0 where nobody said; for a writer, the readers where their principal does not say. */
  readonly expected: number
  /** Whether one that is lost is waited for: `onPeerLost: 'wait'`. */
  readonly waitsForLost: boolean
}

/**
 * Resolves when they are there.
 * @throws PeerError when one of them is lost or fails meanwhile; ChannelError when the end itself can do nothing any more
 */
export async function untilCounterparts(
  end: ChannelEnd,
  options: CounterpartOptions,
  deadline: Deadline
): Promise<void> {
  let missing: string | undefined
  const look = (): true | undefined => {
    const failure = end.failure ?? sizeConflict(end) ?? lostPeer(end, options.waitsForLost)
    if (failure) throw failure
    missing = missingCounterparts(end, options)
    return missing === undefined ? true : undefined
  }
  await end.status.until(look, deadline, () => missing ?? '')
}

/** @returns what is still to wait for, in words; undefined when nothing is */
export function missingCounterparts(
  end: ChannelEnd,
  { awaited, expected }: Pick<CounterpartOptions, 'awaited' | 'expected'>
): string | undefined {
  if (awaited === 'none') return undefined
  return end.self.role === 'reader'
    ? missingWriters(end, awaited, expected)
    : missingReaders(end, awaited === 'all', expected)
}

function missingWriters(
  end: ChannelEnd,
  awaited: Exclude<AwaitedCounterparts, 'none'>,
  expected: number
): string | undefined {
  const { table, channelName, rules } = end.status
  const writers = writersOf(end)
  const needed = awaited === 'one' ? 1 : Math.max(1, expected)
  // One that has failed, or is gone, is to be started again; one that has stopped has been there.
  const { there, running } = table.once(
    `writers from ${finishedUpToOf(end)} that are there within ${end.patienceMs}`,
    () => ({
      there: writers.filter(writer => writer.state !== 'Error' && (hasStopped(writer) || !end.isLost(writer))).length,
      running: writers.filter(writer => !hasStopped(writer))
    })
  )
  if (there < needed) return toOpen('writer', channelName, there, needed)
  if (awaited !== 'stopped' || rules.haveAllStopped(writers, expected)) return undefined
  return `the writers of ${channelName} to stop; still there: ${fewOf(running.map(({ name }) => name))}`
}

function missingReaders(end: ChannelEnd, isAll: boolean, expected: number): string | undefined {
  const { table, channelName } = end.status
  const { there, members, groupSize } = table.once(`readers that are there within ${end.patienceMs}`, () => {
    const there = table
      .peers('reader')
      .filter(({ state }) => state === 'Opened' || state === 'Started')
      .filter(reader => !end.isLost(reader))
    const { groupName, groupSize = 0 } = table.principal() ?? {}
    const members = there.filter(reader => reader.groupName === groupName && reader.groupSize === groupSize)
    const indices = new Set(members.map(({ groupIndex }) => groupIndex))
    return { there: there.length, members: indices.size, groupSize }
  })
  const needed = isAll ? groupSize || expected : 1
  const found = isAll ? members : there
  return found >= needed ? undefined : toOpen('reader', channelName, found, needed)
}

function toOpen(what: Role, channelName: string, there: number, needed: number): string {
  return `${needed === 1 ? `a ${what}` : `${needed} ${what}s`} of ${channelName} to open; ${there === 1 ? '1 has' : `${there} have`}`
}
