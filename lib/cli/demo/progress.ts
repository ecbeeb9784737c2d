/** A progress bar: one line on a terminal, nothing elsewhere. */

export interface ProgressBar {
  show(done: number): void
  /** Removes the line. Idempotent. */
  end(): void
}

const WIDTH = 40
const REDRAW_MS = 100

export function progressBar(terminal: NodeJS.WriteStream | undefined, total: number): ProgressBar {
  if (!terminal) return { show: () => undefined, end: () => undefined }
  let drawn = 0
  let isShown = false
  return {
    show(done) {
      const now = performance.now()
      if (now - drawn < REDRAW_MS) return
      drawn = now
      isShown = true
      const filled = Math.min(WIDTH, Math.floor((WIDTH * done) / total))
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
      terminal.write(`\r${bar} ${Math.floor((100 * done) / total)} %  ${done.toLocaleString('en-US')} records `)
    },
    end() {
      if (isShown) terminal.write('\r\x1b[K')
      isShown = false
    }
  }
}
