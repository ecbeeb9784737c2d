/**
 * What this library adds to each status message: the whole state of its sender, as one JSON object in the Kafka header
 * `millrace`. Whole, because compaction keeps only the last message of a key. Later versions may add fields, which
 * earlier ones pass over; none is ever given another meaning.
 */

/** Version of the report that this library writes. */
const VERSION = 1
/** The name of the header. */
export const REPORT_HEADER = 'millrace'

/**
 * Where an end is in its life. `Retiring` is the principal reader's alone: it is about to delete the topics. `Error`
 * is the last of a life, whatever status messages come after it.
 */
export const endStates = ['Opened', 'Started', 'Stopped', 'Closed', 'Error', 'Retiring'] as const
export type EndState = (typeof endStates)[number]

/** By partition, the offset behind a writer's last record, or behind what a reader has committed. */
export type Ends = ReadonlyMap<number, number>

export interface EndReport {
  /** Random, new with each opening of an end. */
  readonly incarnation: string
  readonly state: EndState
  /** Milliseconds that it is in this state, by its own monotonic clock. */
  readonly stateMs: number
  /** Members of the end's group, itself included. */
  readonly groupSize: number
  /** How often it reports. */
  readonly heartbeatMs: number
  /** Of the schema it writes or reads with. */
  readonly fingerprint: string | null
  /**
   * Of a writer that has stopped: behind the last record of each partition it wrote to, in this life or an earlier one.
   * While it runs, those of its earlier lives; `null` where there are none.
   */
  readonly ends: Ends | null
  /** Kafka's id of the data topic that it reads or writes; `null` where nobody said. */
  readonly topicId: string | null
  /**
   * Of a reader: what it has committed in each partition of that topic, in this life or an earlier one; `null` for
   * nothing. Kafka forgets what a group has committed some days after its last commit, and this tells that there was some.
   */
  readonly committed: Ends | null
  /**
   * Of the principal of a group that has finished, all members: the offset in the writers' status topic below which
   * every writer that opened belongs to the run that is over. Kept over its restarts; 0 before the first.
   */
  readonly finishedUpTo: number
  /**
   * Of an end that opened and could not start: the offset of the Opened that counts in place of its own, that of its
   * incarnation before; −1 where there was none, as if it had never opened. `null` of all others.
   */
  readonly takenBackTo: number | null
  /** What went wrong, of one in Error. */
  readonly error: string | null
  /**
   * The counterpart because of whose failure or silence it is in Error. Its own counterparts then do not fail with it,
   * or the errors of ends that are started again would go round for ever.
   */
  readonly blames: string | null
}

/** The report as the bytes of its header. */
export function reportBytes(report: EndReport): Buffer {
  const { ends, committed } = report
  const pairs = { ends: ends && [...ends], committed: committed && [...committed] }
  return Buffer.from(JSON.stringify({ version: VERSION, ...report, ...pairs }))
}

/**
 * @param bytes - the header of a message; undefined where there is none, as in those of pypz
 * @returns the report; undefined where there is none; or in words what is wrong with it
 */
export function parseReport(bytes: Buffer | undefined): EndReport | string | undefined {
  if (bytes === undefined) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch {
    return 'its header millrace is no JSON'
  }
  if (typeof parsed !== 'object' || parsed === null) return 'its header millrace is no JSON object'
  const fields = parsed as Record<keyof EndReport, unknown>
  const { incarnation, state, fingerprint, error, blames, ends } = fields
  // They came after the first messages that had a report.
  const { topicId = null, committed = null, takenBackTo = null } = fields
  const isText = (value: unknown): boolean => value === null || typeof value === 'string'
  const counts = [fields.stateMs, fields.groupSize, fields.heartbeatMs, fields.finishedUpTo]
  const isWhole =
    typeof incarnation === 'string' &&
    incarnation !== '' &&
    endStates.includes(state as EndState) &&
    isText(fingerprint) &&
    isText(topicId) &&
    isText(error) &&
    isText(blames) &&
    counts.every(isCount) &&
    (takenBackTo === null || takenBackTo === -1 || isCount(takenBackTo)) &&
    [ends, committed].every(pairs => pairs === null || isEnds(pairs))
  if (!isWhole) return 'its header millrace is no report of an end'
  const [stateMs, groupSize, heartbeatMs, finishedUpTo] = counts as [number, number, number, number]
  return {
    incarnation,
    state: state as EndState,
    stateMs,
    groupSize,
    heartbeatMs,
    fingerprint: fingerprint as string | null,
    ends: endsOf(ends as Pairs | null),
    topicId: topicId as string | null,
    committed: endsOf(committed as Pairs | null),
    finishedUpTo,
    takenBackTo: takenBackTo as number | null,
    error: error as string | null,
    blames: blames as string | null
  }
}

type Pairs = readonly (readonly [number, number])[]

function endsOf(pairs: Pairs | null): Ends | null {
  return pairs && new Map(pairs)
}

function isEnds(value: unknown): value is Pairs {
  return Array.isArray(value) && value.every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(isCount))
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
