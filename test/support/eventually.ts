/** Waits for what no event tells: the only place in the tests where time passes. */
import { Deadline } from '../../lib/deadline.js'

const POLL_MS = 10

/** @throws TimeoutError that says what it waited for */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  { timeoutMs, waitedFor }: { readonly timeoutMs: number; readonly waitedFor: string }
): Promise<void> {
  const deadline = new Deadline({ timeoutMs }, timeoutMs)
  while (!(await condition())) await deadline.pause(POLL_MS, waitedFor)
}
