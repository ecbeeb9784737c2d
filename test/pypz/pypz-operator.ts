/** An operator of pypz in a process of its own, and what it has read. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PypzEnvironment } from './environment.js'

/** What stages.py takes. */
export interface Stages {
  readonly pipeline: string
  readonly location: string
  readonly writers: readonly string[]
  readonly replicas: number
  readonly records: number
}

export interface Sample {
  readonly writer: string
  readonly i: number
}

const program = fileURLToPath(new URL('stages.py', import.meta.url))
/** A run takes 20 s; pypz does not obey SIGTERM while it waits. */
const RUN_TIMEOUT_MS = 150_000

export class PypzOperator {
  readonly #child: ChildProcess
  readonly #file: string
  /** Resolves with its exit code, and what it said of errors. */
  readonly ended: Promise<{ readonly status: number | null; readonly stderr: string }>

  /** @param name - `writer`, `reader`, or `reader_0` for the first replica */
  constructor(environment: PypzEnvironment, stages: Stages, name: string) {
    const settings = JSON.stringify({ ...stages, folder: environment.folder })
    this.#file = join(environment.folder, `${stages.pipeline}.${name}`)
    const child = (this.#child = spawn(environment.python, [program, settings, name], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: RUN_TIMEOUT_MS,
      killSignal: 'SIGKILL'
    }))
    let stderr = ''
    child.stderr?.on('data', data => (stderr += String(data)))
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', status => resolve({ status, stderr }))
    })
  }

  /** What a reader has read, batch after batch. */
  get records(): Sample[] {
    if (!existsSync(this.#file)) return []
    const lines = readFileSync(this.#file, 'utf8').split('\n')
    return lines.filter(Boolean).flatMap(line => JSON.parse(line) as Sample[])
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
