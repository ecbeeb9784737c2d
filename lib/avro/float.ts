/**
 * Avro's float, which has 32 bits: also where it was an int or a long of another schema, or is a default. avsc gives those
 * as they are, and the same record would have another value once it was written and read again.
 */
import avsc from 'avsc'
import type { AvscType } from './avsc-type.js'
import { bigintLong } from './bigint-long.js'
import type { ExactTap } from './tap.js'
import { floatProblem } from './unwritable.js'

interface AvscFloat extends AvscType {
  _copy(value: unknown, options: unknown): number
  _update(resolver: { _read: unknown }, writer: AvscType): void
}

const AvscFloatType = avsc.types.FloatType as unknown as new () => AvscFloat

class FloatType extends AvscFloatType {
  /** Of a default. */
  override _copy(value: unknown, options: unknown): number {
    const number = super._copy(value, options)
    const problem = floatProblem(number)
    if (problem !== '') throw new Error(problem)
    return Math.fround(number)
  }

  override _update(resolver: { _read: unknown }, writer: AvscType): void {
    super._update(resolver, writer)
    // A long of a RecordType with bigints has another name in avsc.
    if (['int', 'long', 'abstract:long'].includes(writer.typeName)) resolver._read = readLongAsFloat
  }
}

function readLongAsFloat(tap: ExactTap): number {
  const start = tap.pos
  const value = tap.readLong()
  if (Number.isSafeInteger(value)) return Math.fround(value)
  tap.pos = start
  return nearestFloat(bigintLong._read(tap) as bigint)
}

/**
 * Rounded once. To the nearest double first and to the nearest float then would be another number where the double lies in
 * the middle of two floats, so what is cut off here leaves its trace in the last bit.
 */
function nearestFloat(long: bigint): number {
  const cut = long >> 10n
  return Math.fround(Number(cut << 10n === long ? cut : cut | 1n)) * 1024
}

/** One for all schemas, as it has no state. */
export const floatType = new FloatType()
