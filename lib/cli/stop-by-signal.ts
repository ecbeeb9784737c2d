/** Lets a command stop in good order at SIGINT and SIGTERM; a second signal ends the process at once. */

export interface StopBySignal {
  /** Aborted by the first of the two signals that comes. */
  readonly signal: AbortSignal
  /** The exit status by convention, 128 and the signal's number; undefined while none has come. */
  status(): number | undefined
  /** Takes the handlers away. */
  end(): void
}

const statuses = { SIGINT: 130, SIGTERM: 143 } as const
type Stopping = keyof typeof statuses

export function stopBySignal(): StopBySignal {
  const stopping = new AbortController()
  let status: number | undefined
  const end = (): void => {
    for (const signal of Object.keys(statuses)) process.removeListener(signal, stop)
  }
  const stop = (signal: Stopping): void => {
    end()
    status = statuses[signal]
    stopping.abort()
  }
  for (const signal of Object.keys(statuses)) process.on(signal, stop)
  return { signal: stopping.signal, status: () => status, end }
}
