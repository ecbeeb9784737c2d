/** The real pypz from PyPI, in a virtual environment of its own. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The newest of both that there is. */
const packages = ['pypz-core==0.10.2', 'pypz-kafka-io==0.10.2']
const INSTALL_TIMEOUT_MS = 180_000

export interface PypzEnvironment {
  readonly python: string
  /** For what its processes write; removed with the rest. */
  readonly folder: string
  remove(): Promise<void>
}

/** @throws NoPypz where Python, or the way to PyPI, is missing */
export async function installPypz(): Promise<PypzEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pypz-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const python = join(folder, 'venv', 'bin', 'python')
  try {
    await run('python3', ['-m', 'venv', join(folder, 'venv')])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
    return { python, folder, remove }
  } catch (cause) {
    await remove()
    throw new NoPypz(`pypz cannot be installed here: ${(cause as Error).message}`, { cause })
  }
}

export class NoPypz extends Error {}

async function run(command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, { timeout: INSTALL_TIMEOUT_MS })
}
