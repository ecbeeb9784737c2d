/** Why a record does not fit its schema, and where. Runs only after encoding has failed. */
import { inspect } from 'node:util'
import { RecordError } from '../errors.js'
import { type AvscType, nameOf } from './avsc-type.js'
import { bytesProblem, findUnwritable, NotWritable, type Unwritable } from './unwritable.js'

/** Values are cut to this many characters in messages. */
const PREVIEW = 100

/** The error for a record that `_write` refused with `error`. */
export function explainInvalid(type: AvscType, value: unknown, index: number, error: unknown): RecordError {
  let found: { path: string; value: unknown; type: AvscType } | undefined
  let unwritable: Unwritable | undefined
  try {
    type.isValid(value, {
      errorHook: (path, met, expected) => {
        found ??= { path: path.map(part => `/${part}`).join(''), value: met, type: expected as AvscType }
      }
    })
    if (!found) unwritable = findUnwritable(type, value)
  } catch {
    // A getter or proxy of the record threw; what encoding said is the better explanation.
  }
  const place = found ?? unwritable
  const where = place?.path ? ` at ${place.path}` : ''
  const what =
    found && !(error instanceof NotWritable)
      ? `expected ${nameOf(found.type)} but received ${preview(found.value)}`
      : error instanceof Error
        ? error.message.slice(0, 2 * PREVIEW)
        : String(error)
  return new RecordError(
    'ERR_MILLRACE_RECORD_INVALID',
    `record ${index} does not fit the schema${where}: ${what}`,
    index,
    place?.path ?? '',
    place ? place.value : value,
    { cause: error }
  )
}

function preview(value: unknown): string {
  // Cut before it is formatted too: the value may have ten million characters.
  const short = typeof value === 'string' ? value.slice(0, PREVIEW + 1) : value
  let text
  try {
    const limits = { depth: 1, maxArrayLength: 5, maxStringLength: PREVIEW, breakLength: Infinity }
    // Nothing of the value's own runs here: it may throw, or take for ever.
    text = inspect(short, { ...limits, customInspect: false })
  } catch {
    text = `a value of type ${typeof value} that cannot be shown`
  }
  return text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text
}

/**
 * The value with each view of bytes as a Buffer over the same memory; the value itself when it holds none.
 * @throws NotWritable for a view of a SharedArrayBuffer
 */
export function withBuffers(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value
  if (value instanceof Uint8Array) {
    const problem = bytesProblem(value)
    if (problem !== '') throw new NotWritable(problem)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  if (Array.isArray(value)) {
    const items = value.map(withBuffers)
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  const entries = Object.entries(value).map(([key, field]) => [key, field, withBuffers(field)] as const)
  if (entries.every(([, field, copy]) => field === copy)) return value
  // Over the same prototype: an instance of a class may have its fields there.
  const copy = Object.create(value) as Record<string, unknown>
  for (const [key, , field] of entries) {
    Object.defineProperty(copy, key, { value: field, enumerable: true })
  }
  return copy
}
