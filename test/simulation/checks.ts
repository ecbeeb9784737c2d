/** What must never happen, looked at from outside of every process. */
import type { Topics } from './cluster.js'
import { type EndPlan, type SimEnd, times } from './sim-ends.js'

/** After which everybody has heard of something, if the log can be read. */
const LONG_ENOUGH_MS = 60_000

export class Checks {
  readonly violations: string[] = []
  /** The newest principal that has opened. */
  #principal: { readonly sim: SimEnd; readonly groupSize: number; readonly openedAt: number } | undefined
  /** How often each thing happened that is worth to be sure of. */
  readonly counts = { finished: 0, deleted: 0, failed: 0, lost: 0, records: 0, runs: 0, expired: 0 }

  constructor(
    private readonly plans: readonly EndPlan[],
    private readonly running: ReadonlySet<SimEnd>
  ) {}

  /** A record came to be in the log. */
  wrote(sim: SimEnd, topics: Topics, partition: number, count: number): void {
    topics.checkAlive()
    topics.data[partition] = (topics.data[partition] as number) + count
    this.counts.records += count
    // What a replaced process writes is written again by the one that replaced it.
    if (!sim.isReplaced) topics.goodData[partition] = topics.data[partition] as number
  }

  /** Its Opened is in the log, behind those of all others of the same name. */
  opened(sim: SimEnd): void {
    for (const other of this.running) {
      if (other !== sim && other.process.name === sim.process.name) other.newerSince ??= sim.process.time.now
    }
    sim.newerSince = undefined
    const { role, groupIndex, groupSize } = sim.plan.self
    if (role === 'reader' && groupIndex === 0) this.#principal = { sim, groupSize, openedAt: sim.process.time.now }
  }

  startsToRead(sim: SimEnd): void {
    const { time, name } = sim.process
    if (sim.isReplaced) return
    for (const other of this.running) {
      if (other === sim || other.plan.self.role !== 'reader' || other.process.name === name) continue
      // Those that could not say that they live may be taken for dead; they stop when they notice.
      const { lastHeard, heardSince } = other.process
      const isHeard = time.now - lastHeard < 2 * times.heartbeatMs && time.now - heardSince > times.patienceMs
      const shared = other.partitions.find(partition => sim.partitions.includes(partition))
      const isReading = other.process.isAlive && !other.process.isPaused && !other.end?.failure && !other.isReplaced
      if (shared !== undefined && isHeard && isReading) {
        this.#violation(sim, `reads partition ${shared}, which ${other.process.name} still reads`)
      }
    }
  }

  /** It begins at the beginning, and was not told to. */
  beginsAtZero(sim: SimEnd, topics: Topics, told: ReadonlySet<number>, partition: number): void {
    if (sim.isReplaced || topics.isDeleted || !told.has(partition)) return
    this.#violation(sim, `begins anew in partition ${partition} without a word, though something was committed there`)
  }

  /** A process takes a step of its work. */
  works(sim: SimEnd): void {
    const { process, newerSince, plan } = sim
    // One that opened before the principal of the new size was there may be the first of the new group.
    const isOld = plan.self.role === 'reader' && !this.plans.includes(plan) && this.#principalIsThere()
    const isOtherSize = isOld && plan.self.groupSize !== this.#principal?.groupSize
    const able = Math.max(process.runningSince, process.cluster.upSince)
    if (
      this.#principal &&
      isOtherSize &&
      process.time.now - Math.max(able, this.#principal.openedAt) > LONG_ENOUGH_MS
    ) {
      this.#violation(
        sim,
        `works on in a group of another size than the ${this.#principal.groupSize} that is announced`
      )
    }
    if (newerSince === undefined) return
    // It must have heard of the newer one, unless it stood still, or nothing could be read.
    const since = Math.max(newerSince, able)
    if (process.time.now - since > LONG_ENOUGH_MS)
      this.#violation(sim, 'works on long after a newer incarnation opened')
  }

  /** Whether the newest principal speaks for its group. */
  #principalIsThere(): boolean {
    const { process, end } = this.#principal?.sim ?? {}
    if (!process?.isAlive || end?.state === 'Closed') return false
    // Nor one that was lost, and has come back just now.
    const { now } = process.time
    const isHeard = now - process.lastHeard < 2 * times.heartbeatMs
    return isHeard && now - Math.max(process.heardSince, process.runningSince) > times.patienceMs
  }

  /** An end takes a counterpart for dead. */
  takesForDead(sim: SimEnd, peer: string): void {
    const { time } = sim.process
    for (const other of this.running) {
      const { process, plan, isReplaced, end } = other
      if (process.name !== peer || isReplaced || !this.plans.includes(plan) || !process.isAlive || process.isPaused)
        continue
      const isSpeaking = end !== undefined && end.failure === undefined && !plan.isDone
      if (isSpeaking && time.now - Math.max(process.runningSince, end.openedAt) > times.patienceMs + LONG_ENOUGH_MS) {
        this.#violation(sim, `takes ${peer} for dead, which has never stood still`)
      }
    }
  }

  finishes(sim: SimEnd, topics: Topics, positions: ReadonlyMap<number, number>): void {
    this.counts.finished++
    if (sim.isReplaced) return
    const writing = this.plans.find(
      ({ self, isDone, quota, isLate }) => self.role === 'writer' && !isDone && quota > 0 && !isLate
    )
    if (writing) this.#violation(sim, `finishes while ${writing.self.name} has records to write`)
    for (const [partition, position] of positions) {
      const end = topics.goodData[partition] as number
      if (position < end) this.#violation(sim, `finishes partition ${partition} at ${position}, below its end ${end}`)
    }
  }

  deletes(sim: SimEnd, topics: Topics): void {
    if (topics.isDeleted) return
    this.counts.deleted++
    topics.goodData.forEach((end, partition) => {
      const committed = topics.done[partition] as number
      if (committed < end) this.#violation(sim, `deletes partition ${partition}, committed to ${committed} of ${end}`)
    })
    for (const other of this.running) {
      const isAtWork = other.partitions.length > 0 && other.process.isAlive && !other.isReplaced && !other.end?.failure
      // One of before the group had another size has been lost, or it would not have come to this.
      const isDone = other.plan.isDone || other.end?.state === 'Closed' || !this.plans.includes(other.plan)
      if (other.process.name !== sim.process.name && isAtWork && !isDone) {
        this.#violation(sim, `deletes the topics while ${other.process.name} is at work`)
      }
    }
    this.runIsOver()
  }

  /** The channel is at its end, by whichever processes of its members. */
  runIsOver(): void {
    for (const plan of this.plans) if (plan.self.role === 'reader') plan.isDone = true
  }

  isStuck(what: string): void {
    this.violations.push(`after healing, ${what}`)
  }

  #violation(sim: SimEnd, what: string): void {
    this.violations.push(`at ${Math.round(sim.process.time.now / 1000)} s ${sim.process.name} ${what}`)
  }
}
