/** `millrace channels delete`: only what nobody is in and nobody has still to read, unless it is told to. */
import { Deadline } from '../../deadline.js'
import {
  type ChannelObserver,
  type ChannelObserverOptions,
  type ChannelSnapshot,
  type EndSnapshot,
  removeChannel
} from '../../kafka-channel/index.js'
import { plain, plainDeep } from '../plain.js'
import { placeOf } from './connection.js'
import { age, counted, fitted, wrapped } from './shown.js'

export interface DeleteOptions {
  readonly isForced: boolean
  readonly withDeadLetters: boolean
  readonly timeoutMs: number
  readonly patienceMs: number
}

/** Who looks lost is listened to for so long: the clocks of the senders may be wrong, or the brokers were away. */
const LISTEN_MS = 5000
const LISTEN_AGAIN_MS = 500
const WIDTH = 80
/** Of a list of names in a sentence. */
const NAMES_WIDTH = 60

/** Why the channel is to stay, a sentence each. */
export function objections(channel: ChannelSnapshot, patienceMs: number): string[] {
  const readers = channel.groups.flatMap(({ members }) => members)
  return [
    ...alive(readers, 'reader', patienceMs),
    ...alive(channel.writers, 'writer', patienceMs),
    ...channel.groups.flatMap(({ groupIds, name, unreadRecords }) => {
      const group = name === null ? `the reader ${groupIds.join(', ')}` : `the group ${name}`
      if (unreadRecords === 0 || channel.partitions === null) return []
      return unreadRecords === null
        ? [`what ${group} has still to read is not known`]
        : [`${group} has ${counted(unreadRecords, 'record')} unread: let its members read them to their end`]
    }),
    ...unclaimed(channel),
    ...channel.problems.map(({ code, message }) => `not all of it could be seen: ${message} (${code})`)
  ]
}

/** Status topics that are gone, or those of another program, say of nobody: that is no word that all is read. */
function unclaimed({ groups, records }: ChannelSnapshot): string[] {
  if (groups.length > 0 || !records) return []
  const held = counted(records, 'record')
  return [`it has ${held}, and no reader was ever seen in it: nobody can tell whether they are read`]
}

function alive(ends: readonly EndSnapshot[], what: string, patienceMs: number): string[] {
  const heard = ends.filter(isAlive)
  if (heard.length === 0) return []
  const names = fitted(
    heard.map(({ name }) => name),
    NAMES_WIDTH,
    ', '
  )
  const last = age(Math.min(...heard.map(({ silentMs }) => silentMs)))
  const [are, them] = heard.length === 1 ? ['is', 'it'] : ['are', 'them']
  return [
    `${counted(heard.length, what)} ${are} not closed, and heard ${last} ago: stop ${them} first (${names}). One that ` +
      `died counts as alive until it is silent for ${age(patienceMs)}`
  ]
}

function isAlive({ isLost, state }: EndSnapshot): boolean {
  return state !== 'Closed' && !isLost
}

/** @returns the exit status */
export async function deleteNamed(
  observer: ChannelObserver,
  connection: Pick<ChannelObserverOptions, 'location' | 'channelConfig'>,
  channelName: string,
  options: DeleteOptions
): Promise<number> {
  const { isForced, patienceMs, timeoutMs, withDeadLetters } = options
  const channel = await settled(observer, channelName, options)
  if (!channel) {
    console.error(`millrace: there is no channel ${channelName} at ${placeOf(connection)}`)
    return 1
  }
  const reasons = isForced ? [] : objections(plainDeep(channel), patienceMs)
  if (reasons.length > 0) {
    const list = reasons.flatMap(reason => wrapped(`- ${reason}`, WIDTH))
    console.error([`millrace: ${channelName} is not deleted:`, ...list, '--force deletes it all the same'].join('\n'))
    return 1
  }
  const deadline = new Deadline({}, timeoutMs)
  const { keptGroups, topics } = await removeChannel(connection, channel, withDeadLetters, deadline)
  for (const topic of topics) console.log(`deleted ${topic}`)
  if (channel.deadLetters !== null && !withDeadLetters) {
    console.log(
      `${channelName}.dead stays, with ${counted(channel.deadLetters, 'record')}: --dead-letters deletes it too`
    )
  }
  for (const group of keptGroups)
    console.log(`the committed offsets of the group ${plain(group)} stay, as far as is known`)
  return 0
}

/** Looks until somebody is heard where everybody who has not closed seems to be lost, or long enough. */
async function settled(
  observer: ChannelObserver,
  channelName: string,
  { isForced, timeoutMs }: DeleteOptions
): Promise<ChannelSnapshot | undefined> {
  const listening = new Deadline({}, LISTEN_MS)
  for (;;) {
    const [channel] = await observer.look([channelName], { timeoutMs })
    const ends = channel ? [...channel.groups.flatMap(({ members }) => members), ...channel.writers] : []
    const isUncertain = ends.some(end => end.isLost) && !ends.some(isAlive)
    if (isForced || !isUncertain || listening.remainingMs <= LISTEN_AGAIN_MS) return channel
    await listening.pause(LISTEN_AGAIN_MS, `a word of the ends of ${channelName}`)
  }
}
