/** What the processes of a run have in common: what they are told, and how they end. */
import { rules } from '../../lib/channel/status/index.js'
import { HistoryFile } from '../checker/history.js'
import { mutations } from '../simulation/mutations.js'

/** What a process of a run is told, as JSON in its first argument. */
export interface ChildSettings {
  readonly role: 'reader' | 'writer'
  /** `reader0` for the principal. */
  readonly name: string
  /** Of a reader. */
  readonly index: number
  readonly location: string
  readonly channelName: string
  readonly members: number
  readonly writers: number
  /** Each writer's, a second. */
  readonly recordsPerSecond: number
  readonly onPeerLost: 'fail' | 'wait'
  readonly patienceMs: number
  /** For the histories. */
  readonly folder: string
  /** A rule of the protocol that is switched off, to see that the checker finds it; undefined for none. */
  readonly switchedOff: string | undefined
}

export type ToChild = 'finish'
export interface FromChild {
  readonly life: number
  /** How many records it has handed out, or knows as acknowledged. */
  readonly progress: number
}

export const GROUP = 'checked'
export const OPEN_TIMEOUT_MS = 60_000
export const STOPPED = 143
const PROGRESS_MS = 100

export interface Life {
  readonly settings: ChildSettings
  readonly history: HistoryFile
  /** Aborted by SIGTERM. */
  readonly stop: AbortSignal
  /** Aborted when no more is to be written. */
  readonly finish: AbortSignal
  progress: number
}

/** Lives one life, and ends the process: with 0 when all is done, 143 after SIGTERM, 1 after an error. */
export async function live(act: (life: Life) => Promise<void>): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as ChildSettings
  const mutation = mutations.find(({ name }) => name === settings.switchedOff)
  if (mutation) Object.assign(rules, mutation.rules)
  const stop = new AbortController()
  const finish = new AbortController()
  const history = HistoryFile.begin(settings.folder, settings.name)
  const life: Life = { settings, history, stop: stop.signal, finish: finish.signal, progress: 0 }
  process.once('SIGTERM', () => stop.abort())
  process.on('message', (message: ToChild) => {
    if (message === 'finish') finish.abort()
  })
  // Whoever started it is gone.
  process.once('disconnect', () => process.exit(1))
  const tell = (): unknown => process.send?.({ life: history.life, progress: life.progress } satisfies FromChild)
  tell()
  const timer = setInterval(tell, PROGRESS_MS)
  let error: Error | undefined
  try {
    await act(life)
  } catch (cause) {
    if (!stop.signal.aborted || cause !== stop.signal.reason) error = cause as Error
  }
  clearInterval(timer)
  tell()
  history.end(error)
  if (error) console.log(`           ${settings.name}, life ${history.life}: ${error.message}`)
  process.exit(error ? 1 : stop.signal.aborted ? STOPPED : 0)
}
