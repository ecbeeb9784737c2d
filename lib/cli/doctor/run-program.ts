/** Runs a program that may be missing, crash or hang: all three are answers, not errors. */
import { execFile } from 'node:child_process'

const TIMEOUT_MS = 15_000

export interface Answer {
  /** Whether it ended by itself with status 0. */
  readonly isGood: boolean
  /** How it ended otherwise, such as `was killed by SIGSEGV`. */
  readonly end: string
  readonly stdout: string
}

/** @param input - what stands on its standard input */
export function runProgram(
  file: string,
  args: readonly string[],
  { input = '', timeoutMs = TIMEOUT_MS } = {}
): Promise<Answer> {
  return new Promise(resolve => {
    // Killed without a chance to object: whoever hangs while it loads a library does not answer a mild signal.
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', windowsHide: true } as const
    const child = execFile(file, args, options, (error, stdout) => {
      let end = 'ended'
      if (error?.code === 'ENOENT') end = 'is not there'
      else if (error?.killed) end = `did not end within ${timeoutMs} ms`
      else if (error?.signal) end = `was killed by ${error.signal}`
      else if (error) end = `ended with ${error.code}`
      resolve({ isGood: !error, end, stdout })
    })
    // A program that does not read its input closes it, which is no trouble of ours.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
