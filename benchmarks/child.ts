/** Runs one measurement in a child process. */
import { fork } from 'node:child_process'

const TIMEOUT_MS = 180_000

/**
 * @param script - a module that gets `task` as JSON in its first argument and sends its answer
 * @param timeoutMs - how long it may take
 * @throws when the child ends without an answer, or takes too long
 */
export function inChild<Answer>(script: URL, task: object, timeoutMs = TIMEOUT_MS): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [JSON.stringify(task)], {
      execArgv: ['--import=tsx', '--conditions=millrace-source'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL'
    })
    let answer: Answer | undefined
    child.on('message', message => (answer = message as Answer))
    child.once('error', reject)
    child.once('exit', (status, signal) => {
      if (answer !== undefined) resolve(answer)
      else reject(new Error(`a measurement ended with ${signal ?? `status ${status}`}: ${JSON.stringify(task)}`))
    })
  })
}
