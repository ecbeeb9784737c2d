/** The programs that are simulated: a writer with a quota of records, and a member of a group that reads them. */
import {
  ChannelEnd,
  ChannelStatus,
  type ChannelTopics,
  closeReader,
  closeWriter,
  type EndIdentity,
  knownCommits,
  lostPeer,
  PeerError,
  type Rules,
  sizeConflict,
  writersEnded
} from '../../lib/channel/status/index.js'
import { Deadline } from '../../lib/deadline.js'
import type { Checks } from './checks.js'
import { type Topics, TopicsGone } from './cluster.js'
import { SimLog } from './sim-log.js'
import type { SimProcess } from './sim-process.js'

/** What the protocol takes in the simulation, in milliseconds: coarser than outside, for there to be fewer events. */
export const times = { heartbeatMs: 20_000, patienceMs: 120_000, confirmMs: 10_000, openMs: 1_500_000, closeMs: 60_000 }
const CHANNEL = 'channel'
/** Of so many that open one cannot start. */
const STARTS = 12
/** Records that a reader takes at a time, and a writer sends. */
const MOST_RECORDS = 5

/** What outlives the processes of an end: what a user would keep. */
export interface EndPlan {
  readonly self: EndIdentity
  /** Whether it has come to its good end. */
  isDone: boolean
  /** Of a reader: whether it begins at the beginning where its offsets expired, as its user says after the error. */
  isForgiving?: boolean
  /** Of a writer: records still to be written. */
  quota: number
  /** Of a writer that nobody expects: it comes when the channel is about to end, and may find it gone. */
  readonly isLate?: boolean
}

export interface SimEnd {
  readonly process: SimProcess
  readonly plan: EndPlan
  readonly rules: Rules
  readonly checks: Checks
  readonly writers: number
  readonly waitsForLost: boolean
  /** Whether nobody may delete topics: `resources: 'existing'`. */
  readonly keepsTopics: boolean
  /** Counts up with each opening of this end. */
  readonly incarnation: string
  /** While it reads or writes. */
  partitions: readonly number[]
  end: ChannelEnd | undefined
  /** Of a reader: whether it has read everything, so that its Closed is its good end. */
  isFinished: boolean
  /** Whether a process of the same name was started after this one. */
  isReplaced: boolean
  /** Since when another of the same name has said Opened after this one did. */
  newerSince: number | undefined
}

/** @returns when it has come to its good end; throws what a user would get */
export async function runEnd(sim: SimEnd): Promise<void> {
  for (;;) {
    const topics = await topicsOf(sim)
    const status = statusOf(sim, topics)
    // Before it has read the log: all of this it must know then.
    const told = new Set(topics.told)
    try {
      sim.end = await openEnd(sim, status, topics)
      if (sim.process.random.below(STARTS) === 0) throw new CannotStart()
      if (sim.plan.self.role === 'writer') await write(sim, sim.end, topics)
      else await read(sim, sim.end, topics, told)
      return
    } catch (error) {
      if (error instanceof CannotStart) {
        if (error instanceof OffsetsExpired) {
          sim.checks.counts.expired++
          sim.plan.isForgiving = true
        }
        await sim.end?.withdraw()
        sim.end = undefined
        throw error
      }
      // Gone while it was opening: once more with those that come.
      if (!(error instanceof TopicsGone) || sim.end) throw error
    } finally {
      sim.partitions = []
      status.close()
    }
  }
}

async function topicsOf({ process, plan: { self } }: SimEnd): Promise<Topics> {
  const isPrincipal = self.role === 'reader' && self.groupIndex === 0
  for (;;) {
    const topics = await process.request(() =>
      isPrincipal ? process.cluster.create(self.groupSize) : process.cluster.topics
    )
    if (topics && (self.role === 'writer' || topics.data.length >= self.groupSize)) return topics
    await process.sleep(1000)
  }
}

function statusOf(sim: SimEnd, topics: Topics): ChannelStatus {
  const { process, rules } = sim
  const { confirmMs } = times
  const log = new SimLog(process, topics, key => {
    if (key.endsWith('.Opened')) sim.checks.opened(sim)
    // Whoever said it, and whether or not it lives to hear that it did.
    if (key.endsWith('.Closed') && topics.isRunOver()) sim.checks.runIsOver()
    if (key.endsWith('.Closed') && (hasWrittenAll(sim) || sim.isFinished)) sim.plan.isDone = true
  })
  return new ChannelStatus({ channelName: CHANNEL, log, clock: process.clock, rules, confirmMs })
}

/** Whether a writer has nothing left to write, and said where it ended. */
function hasWrittenAll({ plan, end }: SimEnd): boolean {
  return plan.self.role === 'writer' && plan.quota === 0 && end?.state === 'Closed' && end.report.ends !== null
}

function openEnd(sim: SimEnd, status: ChannelStatus, topics: Topics): Promise<ChannelEnd> {
  const { process, plan, incarnation } = sim
  const { heartbeatMs, patienceMs, openMs } = times
  const partitionCount = topics.data.length
  const wallClock = (): number => 0
  const options = { status, self: plan.self, incarnation, partitionCount, heartbeatMs, patienceMs, wallClock }
  return ChannelEnd.open(options, new Deadline({}, openMs, process.clock))
}

async function write(sim: SimEnd, end: ChannelEnd, topics: Topics): Promise<void> {
  const { process, plan, checks } = sim
  const { random } = process
  const written = new Set<number>()
  sim.partitions = topics.data.map((_, partition) => partition)
  await end.tell({ state: 'Started' }, deadlineOf(sim, times.closeMs))
  while (plan.quota > 0) {
    throwFailure(sim, end)
    checks.works(sim)
    const size = end.status.table.principal()?.groupSize ?? topics.data.length
    const partition = random.below(Math.min(size, topics.data.length))
    written.add(partition)
    await process.request(() => checks.wrote(sim, topics, partition, 1 + random.below(MOST_RECORDS)))
    plan.quota--
    await process.sleep(random.below(15_000))
  }
  const ends = await process.request(() => {
    topics.checkAlive()
    const partitions = end.followsCrash ? topics.data.keys() : written
    return new Map([...partitions].map(partition => [partition, topics.data[partition] as number]))
  })
  await closeWriter(end, ends, deadlineOf(sim, times.closeMs))
  plan.isDone = true
}

async function read(sim: SimEnd, end: ChannelEnd, topics: Topics, told: ReadonlySet<number>): Promise<void> {
  const { process, plan, checks, writers } = sim
  const { random } = process
  const { groupIndex, groupSize } = plan.self
  sim.partitions = topics.data
    .map((_, partition) => partition)
    .filter(partition => partition % groupSize === groupIndex)
  checks.startsToRead(sim)
  const positions = await startingPoints(sim, end, topics, told)
  const committed = new Map<number, number>()
  end.tellCommitted(() => committed)
  await end.tell({ state: 'Started' }, deadlineOf(sim, times.closeMs))
  for (;;) {
    throwFailure(sim, end)
    checks.works(sim)
    const ended = writersEnded(end, writers)
    const isOver =
      ended && sim.partitions.every(p => sim.rules.isReadToEnd(positions.get(p) ?? 0, ended.ends.get(p) ?? 0))
    if (isOver) checks.finishes(sim, topics, positions)
    sim.isFinished = Boolean(isOver)
    // Fetching and committing are two requests, as they are outside.
    const available = await process.request(() => {
      topics.checkAlive()
      return [...topics.data]
    })
    if (isOver || random.below(3) === 0) {
      await process.request(() => topics.commit(positions))
      for (const [partition, position] of positions) committed.set(partition, position)
    }
    if (isOver) {
      await closeReader(end, ended.finishedUpTo, channelTopics(sim, topics), deadlineOf(sim, times.closeMs))
      plan.isDone = true
      return
    }
    for (const [partition, position] of positions) {
      const most = Math.min(available[partition] as number, position + random.below(2 * MOST_RECORDS))
      positions.set(partition, Math.max(position, most))
    }
    await process.sleep(random.below(5000))
  }
}

/** Behind what is committed; where nothing is, at the beginning, unless something is known to have been. */
async function startingPoints(
  sim: SimEnd,
  end: ChannelEnd,
  topics: Topics,
  told: ReadonlySet<number>
): Promise<Map<number, number>> {
  const { process, plan, checks, rules } = sim
  const known = knownCommits(end, false)
  const positions = await process.request(() => committedIn(topics, sim.partitions))
  for (const [partition, position] of positions) {
    if (position >= 0) continue
    positions.set(partition, 0)
    if (plan.isForgiving) continue
    if (rules.beginsAtZero(0, known.get(partition) ?? 0)) checks.beginsAtZero(sim, topics, told, partition)
    else throw new OffsetsExpired()
  }
  plan.isForgiving = false
  return positions
}

function committedIn({ committed }: Topics, partitions: readonly number[]): Map<number, number> {
  return new Map(partitions.map(partition => [partition, committed[partition] as number]))
}

/** After it has opened: it leaves the channel as if it had not. */
class CannotStart extends Error {
  constructor(reason = 'something that it needs is not there') {
    super(reason)
  }
}

class OffsetsExpired extends CannotStart {
  constructor() {
    super('what was committed has expired')
  }
}

function channelTopics(sim: SimEnd, topics: Topics): ChannelTopics {
  const { process, checks, keepsTopics } = sim
  const deleteTopics = (): Promise<void> =>
    process.request(() => {
      checks.deletes(sim, topics)
      // It has done what it had to, also if it never hears the answer.
      sim.plan.isDone = true
      process.cluster.delete(topics)
    })
  return {
    committed: (partitions: readonly number[]) => process.request(() => committedIn(topics, partitions)),
    ends: () => process.request(() => new Map(topics.data.entries())),
    deleteTopics: keepsTopics ? undefined : deleteTopics
  }
}

function throwFailure(sim: SimEnd, end: ChannelEnd): void {
  const failure = end.failure ?? sizeConflict(end) ?? lostPeer(end, sim.waitsForLost)
  if (!failure) return
  if (failure instanceof PeerError && failure.code === 'ERR_MILLRACE_PEER_LOST') {
    sim.checks.counts.lost++
    sim.checks.takesForDead(sim, failure.peer)
  }
  throw failure
}

function deadlineOf({ process }: SimEnd, ms: number): Deadline {
  return new Deadline({}, ms, process.clock)
}
