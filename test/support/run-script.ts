/** Runs one of our scripts in a process of its own. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface StartOptions extends SpawnOptions {
  /** For Node itself. */
  readonly nodeOptions?: readonly string[]
}

export interface Finished {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts one and leaves it to the caller.
 * @param script - relative to the project
 */
export function startScript(script: string, args: readonly string[], options: StartOptions = {}): ChildProcess {
  const file = fileURLToPath(new URL(`../../${script}`, import.meta.url))
  const { nodeOptions = [], ...more } = options
  const all = [...nodeOptions, '--import=tsx', '--conditions=millrace-source', file, ...args]
  return spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'], ...more })
}

/**
 * @param script - relative to the project; a run that does not end by itself within the time is killed
 * @param nodeOptions - for Node itself
 */
export function runScript(
  script: string,
  args: readonly string[] = [],
  timeoutMs = 30_000,
  nodeOptions: readonly string[] = []
): Promise<Finished> {
  const child = startScript(script, args, { nodeOptions, timeout: timeoutMs, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', data => (stdout += String(data)))
  child.stderr?.on('data', data => (stderr += String(data)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
}
