/** One end of the channel, through all the processes that it is in a run: one after the other, or two at a time. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { HistoryFile } from '../checker/history.js'
import { startScript } from '../support/run-script.js'
import type { ChildSettings, FromChild, ToChild } from './child.js'

/** What a supervisor takes to start a process again. */
const RESTART_MS = 300

interface Process {
  readonly child: ChildProcess
  life: number
  progress: number
}

export class Actor {
  #current: Process | undefined
  /** All processes that have not ended. */
  readonly #running = new Set<Process>()
  #before = 0
  #isFinishing = false
  #isOver = false
  #restart: NodeJS.Timeout | undefined
  /** How its processes ended: `0`, `143`, `1`, `SIGKILL`, and how often. */
  readonly ends = new Map<string, number>()

  constructor(
    readonly settings: ChildSettings,
    private readonly log: HistoryFile
  ) {}

  get name(): string {
    return this.settings.name
  }

  /** Whether one of its processes has done all that was to be done, and none is left. */
  get isDone(): boolean {
    return this.#isOver && this.#running.size === 0
  }

  /** Records that all its processes have handed out, or know as acknowledged. */
  get progress(): number {
    return this.#before + [...this.#running].reduce((sum, { progress }) => sum + progress, 0)
  }

  /** How many of its processes have not ended. */
  get processes(): number {
    return this.#running.size
  }

  /** Starts a process, whether or not another one is there. */
  start(): void {
    clearTimeout(this.#restart)
    const script = `test/faults/${this.settings.role}.ts`
    const child = startScript(script, [JSON.stringify(this.settings)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    const process: Process = { child, life: 0, progress: 0 }
    this.#current = process
    this.#running.add(process)
    child.on('message', ({ life, progress }: FromChild) => Object.assign(process, { life, progress }))
    if (this.#isFinishing) child.send('finish' satisfies ToChild)
    child.once('exit', (status, signal) => this.#ended(process, String(status ?? signal)))
  }

  /** To the newest process. @throws Error when it has ended: a fault that did not happen would let a run pass */
  signal(signal: NodeJS.Signals): void {
    const { child, life } = this.#current ?? {}
    if (signal === 'SIGKILL') this.log.append({ e: 'killed', who: this.name, life: life ?? 0 })
    if (!child?.kill(signal)) throw new Error(`${this.name} was to get ${signal}, and had ended before`)
  }

  /** The newest process as it is now, for a signal that comes later. */
  get process(): ChildProcess | undefined {
    return this.#current?.child
  }

  finish(): void {
    this.#isFinishing = true
    for (const { child } of this.#running) if (child.connected) child.send('finish' satisfies ToChild)
  }

  /** Kills what is left. Resolves when it is gone. */
  async end(): Promise<void> {
    const gone = [...this.#running].map(({ child }) => once(child, 'exit'))
    this.kill()
    await Promise.all(gone)
  }

  /** Kills what is left, also what stands still. */
  kill(): void {
    this.#isOver = true
    clearTimeout(this.#restart)
    for (const { child } of this.#running) child.kill('SIGKILL')
  }

  #ended(process: Process, how: string): void {
    this.#running.delete(process)
    this.#before += process.progress
    this.ends.set(how, (this.ends.get(how) ?? 0) + 1)
    if (how === '0') this.#isOver = true
    // One that was replaced has somebody in its place already.
    if (this.#isOver || process !== this.#current) return
    this.#restart = setTimeout(() => this.start(), RESTART_MS)
  }
}
