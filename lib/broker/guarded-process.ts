/**
 * A child process that ends with the process that started it, even if that is killed: a shell between the two holds a
 * pipe from us, and kills the child and removes its folder when the pipe closes.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * $1 is the log file, $2 the folder to remove at the end, the rest the command. Prints the child's pid, and "exit N"
 * when it has ended. Once that is said, "leave" ends the guard and lets the folder be.
 */
const GUARD = `
# When our process is gone, writing to it must not end the guard before its work is done.
trap '' PIPE
log=$1 folder=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- >>"$log" 2>&1 &
child=$!
echo "$child"
( read -r order <&3; kill -9 "$child" 2>/dev/null ) &
watch=$!
wait "$child"
status=$?
# From here on the child's number may be another process's.
kill -9 "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
echo "exit $status"
read -r order <&3
[ "$order" = leave ] || rm -rf "$folder"
`

export interface GuardedProcess {
  readonly pid: number
  /** Resolves with the child's exit status when it has ended, by whatever. */
  readonly exited: Promise<number>
  /** Kills the child and removes the folder; resolves when both are gone. Idempotent. */
  end(): Promise<void>
  /** Leaves the folder to somebody else. To be called when the child has ended. */
  leave(): Promise<void>
}

/**
 * @param command - program and arguments
 * @param logFile - gets what it prints
 * @param folder - removed when all is over
 */
export async function guardedProcess(
  command: readonly string[],
  logFile: string,
  folder: string
): Promise<GuardedProcess> {
  // A session of its own, so that Ctrl-C reaches us alone and the order of ending is ours.
  const guard = spawn('sh', ['-c', GUARD, 'guard', logFile, folder, ...command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore']
  })
  const lines = createInterface({ input: guard.stdout })
  const { pid, exited } = await firstLines(guard, lines)
  const gone = new Promise<void>(resolve => guard.once('close', () => resolve()))
  // It does not keep our process alive: when we end, the pipe closes.
  guard.unref()
  ;(guard.stdout as unknown as { unref(): void }).unref()
  ;(guard.stdin as unknown as { unref(): void }).unref()
  const finish = async (order?: string): Promise<void> => {
    guard.ref()
    guard.stdin.end(order)
    await gone
  }
  return { pid, exited, end: () => finish(), leave: () => finish('leave\n') }
}

function firstLines(
  guard: ChildProcess,
  lines: ReturnType<typeof createInterface>
): Promise<{ pid: number; exited: Promise<number> }> {
  return new Promise((resolve, reject) => {
    guard.once('error', reject)
    let markExited: (status: number) => void
    const exited = new Promise<number>(settle => {
      markExited = settle
    })
    lines.on('line', line => {
      const ended = /^exit (\d+)$/.exec(line)
      if (ended) markExited(Number(ended[1]))
      else resolve({ pid: Number(line), exited })
    })
    lines.once('close', () => {
      markExited(-1)
      reject(new Error('the shell that guards the child process ended before it started it'))
    })
  })
}
