/** One run of a channel from one seed: who takes part, what happens to them, and what was violated. */
import type { Rules } from '../../lib/channel/status/index.js'
import { Deadline } from '../../lib/deadline.js'
import { Random } from '../support/random.js'
import { Checks } from './checks.js'
import { Cluster, LATE } from './cluster.js'
import { type EndPlan, runEnd, type SimEnd } from './sim-ends.js'
import { SimProcess } from './sim-process.js'
import { VirtualTime } from './virtual-time.js'

/** Faults happen so long, in milliseconds; then everything is healed. */
const FAULTS_MS = 500_000
/** After healing all must be over within this time. */
const LIVENESS_MS = 4_000_000
const GROUP = 'group'
/** So many that some of them share no partition with the principal of a smaller group. */
const LARGEST_GROUP = 6

export interface Outcome {
  readonly seed: number
  readonly violations: readonly string[]
  readonly counts: Checks['counts']
  readonly virtualMs: number
}

/** @param trace - gets a line for everything that happens */
export async function simulate(seed: number, rules: Rules, trace?: (line: string) => void): Promise<Outcome> {
  const scenario = new Scenario(seed, rules, trace)
  await scenario.run()
  const { violations, counts } = scenario.checks
  return { seed, violations, counts, virtualMs: scenario.time.now }
}

class Scenario {
  readonly time = new VirtualTime()
  readonly #random: Random
  readonly #cluster: Cluster
  readonly #plans: EndPlan[] = []
  readonly #running = new Set<SimEnd>()
  readonly checks = new Checks(this.#plans, this.#running)
  readonly #writers: number
  readonly #waitsForLost: boolean
  readonly #keepsTopics: boolean
  #started = 0

  constructor(
    seed: number,
    private readonly rules: Rules,
    private readonly trace?: (line: string) => void
  ) {
    const random = (this.#random = new Random(seed))
    this.#cluster = new Cluster(this.time, random, what => this.#trace(what))
    this.#cluster.onRetiring = () => this.#disturbRetiring()
    this.#waitsForLost = random.below(4) === 0
    this.#keepsTopics = random.below(4) === 0
    this.#writers = 1 + random.below(3)
    for (let i = 0; i < this.#writers; i++) {
      const self = { role: 'writer', name: `writer${i}`, groupName: null, groupIndex: 0, groupSize: 1 } as const
      this.#plans.push({ self, isDone: false, quota: 1 + random.below(30) })
    }
    this.#planReaders(1 + random.below(LARGEST_GROUP))
  }

  async run(): Promise<void> {
    const { time } = this
    const random = this.#random
    for (const plan of this.#plans) time.after(random.below(60_000), () => this.#start(plan))
    for (let faults = random.below(7); faults > 0; faults--) time.after(random.below(FAULTS_MS), () => this.#fault())
    let isHealed = false
    time.after(FAULTS_MS, () => {
      isHealed = true
      this.#heal()
    })
    await time.run(() => this.#isOver() && (isHealed || this.#cluster.isUp), FAULTS_MS + LIVENESS_MS)
    this.checks.counts.runs++
    if (this.#keepsTopics && this.#isOver()) await this.#runAgain()
    const stuck = this.#plans.find(({ isDone, isLate }) => !isDone && !isLate)
    if (stuck) this.checks.isStuck(`${stuck.self.name} did not come to its end`)
  }

  /**
   * Another run on the topics that the first has left, once all its processes are gone. Only where the principal said
   * that the first is over, and with the readers first: else nothing in the log tells the end of the first run from the
   * beginning of another.
   */
  async #runAgain(): Promise<void> {
    const random = this.#random
    await this.time.run(() => this.#running.size === 0, this.time.now + LIVENESS_MS)
    if (!this.#cluster.topics?.isFreeForAnotherRun()) return
    this.checks.counts.runs++
    this.#trace('another run')
    for (const plan of this.#plans) {
      const isReader = plan.self.role === 'reader'
      plan.isDone = false
      if (!isReader) plan.quota = 1 + random.below(10)
      this.time.after(random.below(20_000) + (isReader ? 0 : 30_000), () => this.#start(plan))
    }
    await this.time.run(() => this.#isOver(), this.time.now + LIVENESS_MS)
  }

  #trace(what: string): void {
    this.trace?.(`${(this.time.now / 1000).toFixed(1).padStart(8)} ${what}`)
  }

  #isOver(): boolean {
    return this.#plans.every(({ isDone, isLate }) => isDone || isLate)
  }

  #planReaders(size: number): void {
    for (let i = 0; i < size; i++) {
      const self = { role: 'reader', name: `reader${i}`, groupName: GROUP, groupIndex: i, groupSize: size } as const
      this.#plans.push({ self, isDone: false, quota: 0 })
    }
  }

  #start(plan: EndPlan): void {
    if (plan.isDone || !this.#plans.includes(plan)) return
    const { name } = plan.self
    for (const other of this.#running) if (other.process.name === name) other.isReplaced = true
    this.#trace(`${name} is started`)
    const process = new SimProcess(name, this.time, this.#cluster, this.#random)
    const sim: SimEnd = {
      process,
      plan,
      rules: this.rules,
      checks: this.checks,
      writers: this.#writers,
      waitsForLost: this.#waitsForLost,
      keepsTopics: this.#keepsTopics,
      incarnation: `${name}-${++this.#started}`,
      partitions: [],
      end: undefined,
      isFinished: false,
      isReplaced: false,
      newerSince: undefined
    }
    this.#running.add(sim)
    runEnd(sim).then(
      () => this.#running.delete(sim),
      (error: unknown) => {
        this.#running.delete(sim)
        void this.#failed(sim, error as Error)
      }
    )
  }

  /** What a user's program does at an error: it says so to the others, and is started again. */
  async #failed(sim: SimEnd, error: Error): Promise<void> {
    this.checks.counts.failed++
    this.#trace(`${sim.process.name} failed: ${error.message}`)
    if (sim.end) {
      await sim.end.fail(error, new Deadline({}, 10_000, sim.process.clock))
    }
    if (sim.isReplaced) return
    this.time.after(1000 + this.#random.below(20_000), () => this.#restart(sim.plan))
  }

  /** Starts an end anew unless it runs. */
  #restart(plan: EndPlan): void {
    for (const { process, plan: running, isReplaced } of this.#running) {
      if (running === plan && process.isAlive && !isReplaced) return
    }
    this.#start(plan)
  }

  #fault(): void {
    const random = this.#random
    const victims = [...this.#running].filter(({ process }) => process.isAlive && !process.isPaused)
    const victim = victims.length > 0 ? random.pick(victims) : undefined
    const lasting = random.below(2) === 0 ? random.below(20_000) : random.below(300_000)
    switch (random.below(7)) {
      case 0:
        if (victim) this.#kill(victim, 1000 + lasting)
        break
      case 1:
        if (victim) this.#pause(victim, lasting)
        break
      case 2:
        // Taken for dead by its supervisor, which starts another: and then it wakes.
        if (!victim) break
        this.#pause(victim, lasting)
        this.time.after(random.below(lasting + 1), () => this.#start(victim.plan))
        break
      case 3:
        this.#cluster.setUp(false)
        this.time.after(lasting, () => this.#cluster.setUp(true))
        break
      case 4:
        for (let i = 0; i < 4; i++) {
          this.time.after(random.below(60_000), () => this.#cluster.topics?.compact(random.pick(['reader', 'writer'])))
        }
        break
      case 5:
        this.#cluster.topics?.expire()
        break
      default:
        this.#rescale(1 + random.below(LARGEST_GROUP))
    }
  }

  /** The topics are about to be deleted: a writer comes that nobody expects, and the principal may stand still. */
  #disturbRetiring(): void {
    const random = this.#random
    const principal = [...this.#running].find(
      ({ process, isReplaced }) => process.name === 'reader0' && process.isAlive && !process.isPaused && !isReplaced
    )
    const fate = random.below(3)
    if (fate === 0 || this.#plans.some(({ isLate }) => isLate)) return
    const self = { role: 'writer', name: LATE, groupName: null, groupIndex: 0, groupSize: 1 } as const
    const plan: EndPlan = { self, isDone: false, quota: 5, isLate: true }
    this.#plans.push(plan)
    this.time.after(random.below(fate === 1 ? 1500 : 25_000), () => this.#start(plan))
    if (fate === 1 || !principal) return
    this.time.after(random.below(1500), () => {
      if (!this.#running.has(principal)) return
      this.#pause(principal, 10_000 + random.below(60_000))
      this.time.after(random.below(2000), () => this.#start(principal.plan))
    })
  }

  #kill(sim: SimEnd, restartMs: number): void {
    this.#trace(`${sim.process.name} is killed`)
    sim.process.kill()
    // What it sent and never heard of was not acknowledged.
    sim.isReplaced = true
    this.#running.delete(sim)
    this.time.after(restartMs, () => this.#restart(sim.plan))
  }

  #pause(sim: SimEnd, ms: number): void {
    this.#trace(`${sim.process.name} stands still for ${ms / 1000} s`)
    sim.process.pause()
    this.time.after(ms, () => sim.process.resume())
  }

  /** All members are stopped, most of them, and started with another size; nobody who has finished takes part again. */
  #rescale(size: number): void {
    this.#trace(`the group shall have ${size} members`)
    const readers = this.#plans.filter(({ self }) => self.role === 'reader')
    if (readers.some(({ isDone }) => isDone)) return
    for (const plan of readers) this.#plans.splice(this.#plans.indexOf(plan), 1)
    for (const sim of this.#running) {
      if (sim.plan.self.role !== 'reader') continue
      const fate = this.#random.below(3)
      // Some are forgotten, and go on until they hear of the new size.
      if (fate === 0) continue
      if (fate === 1) sim.process.pause()
      else this.#kill(sim, 1)
      if (sim.process.isPaused) this.time.after(this.#random.below(300_000), () => sim.process.resume())
    }
    this.#planReaders(size)
    for (const plan of this.#plans.filter(({ self }) => self.role === 'reader')) {
      this.time.after(this.#random.below(30_000), () => this.#start(plan))
    }
  }

  #heal(): void {
    this.#cluster.setUp(true)
    for (const { process } of this.#running) process.resume()
    for (const plan of this.#plans) this.time.after(this.#random.below(5000), () => this.#restart(plan))
  }
}
