/** Breaks something, mends it, and waits until all ends are at work again. */
import type { HistoryFile } from '../checker/history.js'
import { eventually } from '../support/eventually.js'
import type { Actor } from './actor.js'
import type { Cluster, Way } from './cluster.js'
import { type Fault, textOf } from './schedule.js'
import { PATIENCE_MS } from './settings.js'

/** A broker that cannot be reached is away for so long; its peers find that out after 3 s. */
const BROKER_AWAY_MS = 5000
const RESTARTED_AFTER_MS = 2000
const SHORT_CUT_MS = 3000
const BEYOND_PATIENCE_MS = PATIENCE_MS + 3000
/** After a stop begins another process is started in place of the one that stands still. */
const REPLACED_AFTER_MS = 1000
const STOP_TIMEOUT_MS = 60_000
const RECOVERY_TIMEOUT_MS = 90_000

export interface Cast {
  readonly principal: Actor
  /** A reader that is not the principal. */
  readonly reader: Actor
  readonly writer: Actor
  readonly all: readonly Actor[]
}

export class Nemesis {
  /** How often a process woke beside the one that was started in its place. */
  pauses = 0

  constructor(
    private readonly cast: Cast,
    private readonly cluster: Cluster,
    private readonly history: HistoryFile
  ) {}

  /** @throws TimeoutError when not all ends are at work again in time */
  async strike(fault: Fault): Promise<void> {
    await pause(fault.calmMs)
    this.history.append({ e: 'fault', kind: `${fault.victim} ${fault.kind}` })
    if (fault.victim === 'broker') await this.#strikeBroker(fault)
    else await this.#strikeEnds(fault)
    await this.recovery(textOf(fault))
  }

  /** Until each end has moved on, and is one process. */
  async recovery(what: string): Promise<void> {
    const before = new Map(this.cast.all.map(actor => [actor, actor.progress]))
    const isWell = (actor: Actor): boolean => actor.processes === 1 && actor.progress > (before.get(actor) ?? 0)
    const unwell = (): string =>
      this.cast.all
        .filter(actor => !isWell(actor))
        .map(({ name, processes }) => (processes === 1 ? `${name} (nothing new)` : `${name} (${processes} processes)`))
        .join(', ')
    try {
      await eventually(() => this.cast.all.every(isWell), { timeoutMs: RECOVERY_TIMEOUT_MS, waitedFor: 'recovery' })
    } catch (cause) {
      const within = `within ${RECOVERY_TIMEOUT_MS / 1000} s`
      throw new Error(`after ${what}, these were not one process at work ${within}: ${unwell()}`, { cause })
    }
  }

  async #strikeBroker({ kind, broker, isSilent }: Fault): Promise<void> {
    const { brokers } = this.cluster
    if (kind === 'kill') await brokers.kill(broker)
    else if (kind === 'term') await brokers.stop(broker)
    else if (kind === 'stop') brokers.pause(broker)
    else this.cluster.cut({ broker }, isSilent ? 'silent' : 'reset')
    await pause(kind === 'kill' || kind === 'term' ? RESTARTED_AFTER_MS : BROKER_AWAY_MS)
    if (kind === 'stop') brokers.resume(broker)
    else if (kind === 'cut') this.cluster.heal()
    else await brokers.restart(broker)
  }

  async #strikeEnds({ kind, victim, isSilent, isLong, isReplaced }: Fault): Promise<void> {
    const { principal, reader, writer } = this.cast
    const actors =
      victim === 'principal' ? [principal] : victim === 'both' ? [reader, writer] : [this.cast[victim as 'reader']]
    if (kind === 'cut') {
      const ways: readonly Way[] =
        victim === 'both' ? ['member', 'writer'] : [victim === 'reader' ? 'member' : (victim as Way)]
      this.cluster.cut({ ways }, isSilent ? 'silent' : 'reset')
      await pause(isLong ? BEYOND_PATIENCE_MS : SHORT_CUT_MS)
      this.cluster.heal()
    } else if (kind === 'stop') await Promise.all(actors.map(actor => this.#stop(actor, isReplaced)))
    else {
      const gone = actors.map(({ process }) => process)
      for (const actor of actors) actor.signal(kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
      const haveEnded = (): boolean => gone.every(one => one?.exitCode !== null || one.signalCode !== null)
      await eventually(haveEnded, { timeoutMs: STOP_TIMEOUT_MS, waitedFor: `${victim} to end by ${kind}` })
    }
  }

  async #stop(actor: Actor, isReplaced: boolean): Promise<void> {
    const { process } = actor
    actor.signal('SIGSTOP')
    await pause(REPLACED_AFTER_MS)
    if (isReplaced) {
      actor.start()
      if (actor.settings.role === 'reader') this.pauses++
    }
    await pause(BEYOND_PATIENCE_MS - REPLACED_AFTER_MS)
    process?.kill('SIGCONT')
  }
}

/** A fault lasts, and so does the calm before it: here time is what is wanted. */
function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
