/**
 * What the processes of a run write down, one line of JSON each (`history.ts`). An event is written before it is acted
 * upon: `sent` before `write()`, `read` before anybody works on the records, `done` before the next `read()` or
 * `commit()`, `commit` and `ack` once the promise has resolved.
 *
 * A *stream* is what one life of one writer puts into one partition: writer, life and partition name it, and `n` counts
 * up in it. Offsets of acknowledgements are not known, so records are known by stream and `n` everywhere.
 */

/** The records `from` to `to`, both included, of one stream. */
export interface Values {
  readonly w: string
  /** Of the writer: its incarnation. */
  readonly life: number
  readonly p: number
  readonly from: number
  readonly to: number
}

/** Records of one stream that came one behind the other. */
export interface ReadRun extends Values {
  /** Offset of the first one; those of the others follow without a gap. -1 where the reader cannot know it. */
  readonly at: number
}

type Untimed =
  /** A process starts; the first line of its file. */
  | { readonly e: 'begin'; readonly who: string; readonly life: number }
  /** A process has closed everything. Without it the life has died. `error`: it had to end, and may not have committed. */
  | { readonly e: 'end'; readonly error?: string }
  /** Given to `write()`, in the transaction `tx` if there is one. */
  | ({ readonly e: 'sent'; readonly tx?: number } & Values)
  | ({ readonly e: 'ack' | 'fail' | 'unknown' } & Values)
  /** How a transaction ended. It acknowledges its records, or fails them; without this event both is possible. */
  | { readonly e: 'tx'; readonly tx: number; readonly outcome: 'committed' | 'aborted' }
  /** The reader `r` starts at its committed offset, or was sought elsewhere: only needed for a second time in one life. */
  | { readonly e: 'open'; readonly r: string }
  /** A batch of partition `p`. */
  | { readonly e: 'read'; readonly r: string; readonly p: number; readonly runs: readonly ReadRun[] }
  /** Everything that this life of `r` has read of `p` below the offset `next` is done, or is committed. */
  | { readonly e: 'done' | 'commit'; readonly r: string; readonly p: number; readonly next: number }
  /** A call that is to have ended at `until` (in the time of `t`). */
  | { readonly e: 'wait'; readonly id: number; readonly what: string; readonly until: number }
  | { readonly e: 'waited'; readonly id: number }
  /** Of whoever runs the whole: something was broken on purpose, a life was killed on purpose. */
  | { readonly e: 'fault'; readonly kind: string }
  | { readonly e: 'killed'; readonly who: string; readonly life: number }

type Timed<Event> = Event extends Untimed ? Event & { /** Milliseconds. */ readonly t: number } : never
export type HistoryEvent = Timed<Untimed>
export type NewEvent = Untimed
export type EventKind = HistoryEvent['e']

/** What one process wrote in one life. */
export interface History {
  /** Where it stands, for errors. */
  readonly file: string
  /** Can be gone through more than once. */
  readonly events: Iterable<HistoryEvent>
}

/** Milliseconds that all processes of a machine agree on, and that no step of the clock disturbs once they run. */
export function now(): number {
  return Math.round(performance.timeOrigin + performance.now())
}

type Kind = 'text' | 'number' | 'runs'
type Fields = readonly (readonly [name: string, kind: Kind])[]

function fieldsOf(fields: Readonly<Record<string, Kind>>): Fields {
  return Object.entries(fields)
}

const values = { w: 'text', life: 'number', p: 'number', from: 'number', to: 'number' } as const
const timed = { t: 'number' } as const
const ofValues = fieldsOf({ ...timed, ...values })
const ofPoint = fieldsOf({ ...timed, r: 'text', p: 'number', next: 'number' })
const ofRun = fieldsOf({ ...values, at: 'number' })
const fields: Readonly<Record<EventKind, Fields>> = {
  begin: fieldsOf({ ...timed, who: 'text', life: 'number' }),
  end: fieldsOf(timed),
  sent: ofValues,
  ack: ofValues,
  fail: ofValues,
  unknown: ofValues,
  tx: fieldsOf({ ...timed, tx: 'number', outcome: 'text' }),
  open: fieldsOf({ ...timed, r: 'text' }),
  read: fieldsOf({ ...timed, r: 'text', p: 'number', runs: 'runs' }),
  done: ofPoint,
  commit: ofPoint,
  wait: fieldsOf({ ...timed, id: 'number', what: 'text', until: 'number' }),
  waited: fieldsOf({ ...timed, id: 'number' }),
  fault: fieldsOf({ ...timed, kind: 'text' }),
  killed: fieldsOf({ ...timed, who: 'text', life: 'number' })
}

/** @throws Error that says what is wrong with the line */
export function parseEvent(line: string): HistoryEvent {
  const event: unknown = JSON.parse(line)
  if (!isObject(event)) throw new Error('no object')
  const { e } = event
  if (typeof e !== 'string' || !Object.hasOwn(fields, e)) throw new Error(`no event is called ${JSON.stringify(e)}`)
  checkFields(event, fields[e as EventKind])
  return event as unknown as HistoryEvent
}

function checkFields(object: Record<string, unknown>, expected: Fields): void {
  for (const [name, kind] of expected) {
    const value = object[name]
    if (kind === 'runs') checkRuns(value)
    else if (kind === 'text' ? typeof value !== 'string' : !Number.isSafeInteger(value)) {
      throw new Error(`${name} is ${JSON.stringify(value)}, which is no ${kind}`)
    }
  }
  if ((object.to as number) < (object.from as number)) {
    throw new Error(`from ${object.from as number} is above to ${object.to as number}`)
  }
}

function checkRuns(runs: unknown): void {
  if (!Array.isArray(runs)) throw new Error('runs is no array')
  for (const run of runs as unknown[]) {
    if (!isObject(run)) throw new Error('a run is no object')
    checkFields(run, ofRun)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
