/** Shows again and again, in place on a terminal, and as lines one after the other elsewhere. */
import { setTimeout } from 'node:timers/promises'

export interface Screen {
  readonly isTTY?: boolean
  readonly rows?: number
  write(text: string): unknown
}

/** A line that is too wide is cut: one that went on in the next row would scroll the others away. */
const BEGIN = '\x1b[?25l\x1b[?7l'
const END = '\x1b[?7h\x1b[?25h'
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_REST = '\x1b[J'

/**
 * One state of the screen. Written at once and without clearing it before, so that nothing flickers. Each line is cleared
 * before it is written: behind one that is as wide as the terminal the cursor stands still on its last letter, and would
 * take that away.
 */
export function redrawn(text: string, rows: number): string {
  const lines = text.split('\n')
  const room = Math.max(1, rows - 1)
  const shown = lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`] : lines
  return `${HOME}${shown.map(line => `${CLEAR_LINE}${line}\n`).join('')}${CLEAR_REST}`
}

/**
 * @param show - what there is to see now
 * @param isStamped - whether a line with the time goes before each where it is no terminal
 * @param stop - ends it
 */
export async function watch(
  show: () => Promise<string>,
  everyMs: number,
  screen: Screen,
  isStamped: boolean,
  stop: AbortSignal
): Promise<void> {
  const isTerminal = screen.isTTY === true && isStamped
  if (isTerminal) screen.write(BEGIN + HOME + CLEAR_REST)
  try {
    for (;;) {
      const text = await show()
      const stamp = isStamped ? `${new Date().toISOString()}\n` : ''
      screen.write(isTerminal ? redrawn(text, screen.rows ?? 24) : `${stamp}${text}\n${isStamped ? '\n' : ''}`)
      await setTimeout(everyMs, undefined, { signal: stop })
    }
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    if (isTerminal) screen.write(END)
  }
}
