/** Members in processes of their own that are killed in the middle of reading. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a member commits behind its first 10 records: nothing; them, and waits for it; them, and reads on meanwhile. */
export type CommitMode = 'none' | 'first' | 'in-flight'

/** Resolves when the only member of `group` has read 510 records more, 10 of them before the commit, and was killed. */
export async function readAndDie(
  location: string,
  channelName: string,
  mode: CommitMode,
  beforeKill = (): Promise<void> => Promise.resolve()
): Promise<void> {
  const script = fileURLToPath(new URL('./killed-member.ts', import.meta.url))
  const child = fork(script, [location, channelName, mode], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  try {
    await Promise.race([
      once(child, 'message'),
      ended.then(([status]) => {
        throw new Error(`the member ended with ${status}`)
      })
    ])
    await beforeKill()
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}
