/** How an end takes its place in a channel, once its topics are there. */
import { randomBytes } from 'node:crypto'
import type { RecordType } from '../avro/index.js'
import { type AwaitedCounterparts, ChannelEnd, type EndIdentity, untilCounterparts } from '../channel/index.js'
import type { Deadline } from '../deadline.js'
import type { ClientOptions, Lease } from '../kafka/index.js'
import type { ChannelTopicIds } from './channel-topics.js'
import { leaseStatus, type SharedStatus } from './shared-status.js'

/** What an end says of itself. */
export interface EnteringOptions {
  readonly client: ClientOptions
  readonly type: RecordType
  /** How often it reports in small groups. */
  readonly heartbeatMs: number
  /** How long a counterpart may be silent before it is lost. */
  readonly patienceMs: number
  /** Which of the other side it waits for before it is open. */
  readonly awaited: AwaitedCounterparts
  readonly waitsForLost: boolean
}

/** An end in its place. */
export interface Entered {
  readonly end: ChannelEnd
  readonly status: Lease<SharedStatus>
  /** Has a function called after each change in what is known of the channel's other ends. */
  readonly listen: (onChange: () => void) => void
}

/**
 * Opens the end, prepares what it needs to start, starts it, and waits for its counterparts. One that cannot start leaves
 * as if it had closed, so that nobody waits for it or fails with it.
 *
 * @param prepare - called between its Opened and its Started
 * @throws TopicsGoneError when the topics were those of a run before, and went
 */
export async function enterChannel<Prepared>(
  { client, type, heartbeatMs, patienceMs, awaited, waitsForLost }: EnteringOptions,
  self: EndIdentity,
  ids: ChannelTopicIds,
  /** How many counterparts it has, where nobody says it in the status log; 0 where that is not known. */
  expected: number,
  prepare: (end: ChannelEnd) => Promise<Prepared>,
  deadline: Deadline
): Promise<Entered & { readonly prepared: Prepared }> {
  const status = await leaseStatus(client, ids, deadline)
  let onChange = (): void => undefined
  const options = {
    status: status.client.status,
    self,
    incarnation: randomBytes(8).toString('hex'),
    topicId: ids.data.id,
    partitionCount: ids.data.partitionCount,
    heartbeatMs,
    patienceMs,
    schema: { fingerprint: type.fingerprint, json: type.toString() },
    wallClock: Date.now,
    onChange: () => onChange()
  }
  let end: ChannelEnd | undefined
  try {
    end = await ChannelEnd.open(options, deadline)
    const prepared = await prepare(end)
    await end.tell({ state: 'Started' }, deadline)
    // After its own Started: the other side may wait for that one.
    await untilCounterparts(end, { awaited, expected, waitsForLost }, deadline)
    return { end, status, listen: listener => void (onChange = listener), prepared }
  } catch (error) {
    await end?.withdraw()
    await status.release(deadline)
    throw error
  }
}
