/** The file that each process of a run appends to, and reading it back after the process is gone, however it went. */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type History, type HistoryEvent, type NewEvent, now, parseEvent } from './events.js'

const SUFFIX = '.history.jsonl'
const CHUNK_BYTES = 1 << 20

/**
 * The history of one life of one process. What `append` was given is with the operating system when it returns: a
 * `kill -9` in the next moment does not take it away.
 */
export class HistoryFile {
  readonly #fd: number
  #waits = 0

  private constructor(
    readonly path: string,
    readonly life: number,
    fd: number
  ) {
    this.#fd = fd
  }

  /**
   * Takes the next life of `who` for which the folder has no file. Each life has a file of its own, since a process that
   * was taken for dead can write to its one while the next is at work.
   */
  static begin(folder: string, who: string): HistoryFile {
    mkdirSync(folder, { recursive: true })
    for (let life = 1; ; life++) {
      const path = join(folder, `${who}.${life}${SUFFIX}`)
      const fd = createNew(path)
      if (fd === undefined) continue
      const history = new HistoryFile(path, life, fd)
      history.append({ e: 'begin', who, life })
      return history
    }
  }

  append(...events: readonly NewEvent[]): void {
    const t = now()
    writeFileSync(this.#fd, events.map(event => `${JSON.stringify({ ...event, t })}\n`).join(''))
  }

  /** The process has closed everything. @param error - why it had to, before it was through */
  end(error?: Error): void {
    this.append(error ? { e: 'end', error: error.message } : { e: 'end' })
    closeSync(this.#fd)
  }

  /** For a process that writes down a wait: resolves or rejects as `promise` does. */
  async wait<Result>(what: string, timeoutMs: number, promise: Promise<Result>): Promise<Result> {
    const id = this.#waits++
    this.append({ e: 'wait', id, what, until: now() + timeoutMs })
    try {
      return await promise
    } finally {
      this.append({ e: 'waited', id })
    }
  }
}

/** @returns undefined where there is one already */
function createNew(path: string): number | undefined {
  try {
    return openSync(path, 'ax')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}

/** All histories of a folder. They are read while they are gone through, and held in no memory. */
export function readHistories(folder: string): History[] {
  const names = readdirSync(folder).filter(name => name.endsWith(SUFFIX))
  return names.sort().map(name => readHistory(join(folder, name)))
}

export function readHistory(file: string): History {
  return { file, events: { [Symbol.iterator]: () => eventsOf(file) } }
}

/** @throws Error naming file and line of what is no event, the last line apart: the process died while it wrote that */
function* eventsOf(file: string): Generator<HistoryEvent> {
  let number = 0
  for (const line of wholeLines(file)) {
    number++
    let event: HistoryEvent
    try {
      event = parseEvent(line)
    } catch (error) {
      throw new Error(`${file}:${number}: ${(error as Error).message}`, { cause: error })
    }
    if ((event.e === 'begin') !== (number === 1))
      throw new Error(`${file}:${number}: begin is the first event, and only it`)
    yield event
  }
}

/** The lines that end; what stands behind the last of them was not acted upon. */
function* wholeLines(file: string): Generator<string> {
  const fd = openSync(file, 'r')
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const decoder = new TextDecoder()
    let rest = ''
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split('\n')
      rest = lines.pop() as string
      yield* lines
    }
  } finally {
    closeSync(fd)
  }
}
