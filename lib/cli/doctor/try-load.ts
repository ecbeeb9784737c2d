/**
 * Tries whether native files can be loaded, in a process of their own: one that was built for another machine can take
 * the process with it, and the doctor has to outlive its patient.
 */
import { abiProblem } from '../../native/index.js'
import { firstLine, runProgram } from './run-program.js'

/** What the last of the files exports of itself, or why one cannot be loaded. */
export interface LoadAnswer {
  readonly problem: string | null
  readonly librdkafkaVersion?: string
  readonly features?: readonly string[]
}

// The answer is the last line: what else is loaded there may print as well.
const script = `
let answer
try {
  let last
  for (const file of process.argv.slice(1)) last = require(file)
  const { librdkafkaVersion, features, runningVersion, builtVersion, versionText } = last
  const isOutrun = runningVersion < builtVersion
  const problem = isOutrun ? 'it was built for a newer librdkafka than the running ' + versionText : null
  answer = { problem, librdkafkaVersion, features }
} catch (error) {
  answer = { problem: String(error?.message ?? error) || 'it throws' }
}
require('node:fs').writeSync(1, '\\n' + JSON.stringify(answer))
process.exit()
`

/** @param files - absolute paths of addons or folders of packages, in the order in which to load them */
export async function tryLoad(...files: readonly string[]): Promise<LoadAnswer> {
  const { isGood, end, stdout } = await runProgram(process.execPath, ['-e', script, ...files])
  if (!isGood) return { problem: `the process that loaded it ${end}` }
  try {
    const answer = JSON.parse(stdout.split('\n').at(-1) ?? '') as LoadAnswer
    return { ...answer, problem: answer.problem === null ? null : shortProblem(answer.problem) }
  } catch {
    return { problem: 'the process that loaded it gave no answer' }
  }
}

/** The loader's first line; of another Node's addon, whose first line says nothing, both ABIs. */
export function shortProblem(message: string): string {
  return abiProblem(message) ?? firstLine(message)
}
