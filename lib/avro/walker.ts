/** Checks records before avsc sees them: a native walk over a whole batch, which no payload can harm. */
import { avroAddon, type BatchWalker } from '../native/index.js'
import type { AvscType, LongForm } from './avsc-type.js'
import { schemaProgram } from './schema-program.js'

/** How much one record may hold. Beyond, it counts as undecodable: a few bytes can claim millions of items. */
export interface RecordLimits {
  /**
   * Fields, items, keys and entries, also those that take no bytes; default 1,000,000. And never more than 1,000 and 16
   * for each byte of the record.
   */
  readonly maxRecordValues?: number | undefined
  /** Records, arrays, maps and unions inside one another; default 4,000, at most 10,000. */
  readonly maxRecordDepth?: number | undefined
}

const DEFAULT_RECORD_VALUES = 1_000_000
/** A list of 2,000 records in one another; avsc's own recursion has room for more than twice of it. */
const DEFAULT_RECORD_DEPTH = 4000
export const LARGEST_RECORD_DEPTH = 10_000

/** Bit of a record's flags: it has no value at all. */
export const NO_VALUE = 1

/** By the problems of `src/avro/walker.h`. `left` is how many bytes of the record are not read. */
const reasons: readonly ((at: number, left: number) => string)[] = [
  () => '',
  () => 'it is cut short',
  (_, left) => `${left} bytes are left over`,
  at => `the boolean at byte ${at - 1} is neither 0 nor 1`,
  at => `the number that ends at byte ${at} has more than 64 bits`,
  at => `the int that ends at byte ${at} has more than 32 bits`,
  at => `the long that ends at byte ${at} is beyond ±(2^53 - 2), where numbers of JavaScript are exact`,
  at => `the length that ends at byte ${at} is negative`,
  at => `the text at byte ${at} is not valid UTF-8`,
  at => `the symbol that ends at byte ${at} is not one of its enum`,
  at => `the branch that ends at byte ${at} is not one of its union`,
  at => `the block that ends at byte ${at} has another size than it says`,
  at => `it has more values than maxRecordValues allows or its bytes can hold, or claims so at byte ${at}`,
  at => `it is nested deeper than maxRecordDepth allows, at byte ${at}`,
  at => `it is nested deeper than the stack of this thread has room for, at byte ${at}`
]

/** Walks records of one schema. */
export class Walker {
  readonly #native: BatchWalker
  readonly #stop = new Float64Array(2)

  /**
   * @param type - what the records were written with
   * @param long - what they are read as: as numbers they are bounded
   * @throws NativeError when the addon is not built
   */
  constructor(type: AvscType, long: LongForm, limits: RecordLimits) {
    const { maxRecordValues = DEFAULT_RECORD_VALUES, maxRecordDepth = DEFAULT_RECORD_DEPTH } = limits
    this.#native = new (avroAddon().BatchWalker)(schemaProgram(type.schema(), long), maxRecordValues, maxRecordDepth)
  }

  /**
   * @param slab - the records one behind the other, from 0
   * @param ends - their end positions, ascending
   * @param flags - of each; see `NO_VALUE`
   * @param header - what stands in front of each body
   * @returns the index of the first in `[from, to)` that has no value, another header or an unsound body; else `to`
   */
  walk(slab: Buffer, ends: Uint32Array, flags: Uint8Array, from: number, to: number, header: Buffer): number {
    return this.#native.walk(slab, ends, flags, from, to, header, this.#stop)
  }

  /** Why the body at which the last walk stopped is unsound; empty when it was something else. @param size - of it */
  problem(size: number): string {
    const [problem, position] = this.#stop as unknown as [number, number]
    return (reasons[problem] as (at: number, left: number) => string)(position, size - position)
  }
}
