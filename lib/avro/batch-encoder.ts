/** Encodes a batch of records into one slab: all of it, or nothing. */
import { RecordError } from '../errors.js'
import { type Encoding, headerOf } from './framing.js'
import type { RecordType } from './record-type.js'
import type { SlabPool } from './slab-pool.js'
import { ExactTap } from './tap.js'
import type { RecordLimits, Walker } from './walker.js'

/** The encoded records of one `write()`. */
export interface EncodedBatch {
  /** Holds the records one behind the other, from 0. Owned by whoever sends it, until it goes back to the pool. */
  readonly slab: Buffer
  /** End positions in the slab, one per record, ascending. */
  readonly ends: Uint32Array
}

/** The most that one batch can hold: end positions have 32 bits. */
const LARGEST_SLAB = 2 ** 32 - 1

export class BatchEncoder {
  readonly #type: RecordType
  readonly #header: Buffer
  readonly #walker: Walker
  readonly #pool: SlabPool
  readonly #maxRecordBytes: number
  /** Flags of records of which none is without a value; as many as the largest batch had. */
  #allHaveValues = new Uint8Array(0)
  /** Bytes of a typical record of late, so that the first slab is mostly the right one. */
  #typicalBytes = 128

  /**
   * @param maxRecordBytes - a larger record, header included, is refused; the producer's `message.max.bytes`
   * @param limits - those of the readers: what they would not take is refused too
   */
  constructor(type: RecordType, encoding: Encoding, pool: SlabPool, maxRecordBytes: number, limits: RecordLimits = {}) {
    this.#walker = type.walker(type.long, limits)
    this.#type = type
    this.#header = headerOf(encoding, type)
    this.#pool = pool
    this.#maxRecordBytes = maxRecordBytes
  }

  /** @throws RecordError when one of the records does not fit the schema or is too large */
  encode(records: readonly unknown[]): EncodedBatch {
    // Once: a getter of a record may change the array.
    const count = records.length
    const ends = new Uint32Array(count)
    // Bounded, since one large record of late must not make the slab of many small ones: it grows where it must.
    const likely = Math.min(count * this.#typicalBytes, this.#pool.maxSlabBytes)
    const tap = new ExactTap(this.#pool.take(likely), 0)
    try {
      for (let i = 0; i < count; i++) ends[i] = this.#encodeRecord(records[i], tap, i)
      this.#checkReadable(records, tap.buf, ends)
    } catch (error) {
      this.#pool.giveBack(tap.buf)
      throw error
    }
    if (count > 0) this.#typicalBytes = Math.ceil((1.1 * tap.pos) / count)
    return { slab: tap.buf, ends }
  }

  /** A record that no reader takes would stop each of them in front of it. */
  #checkReadable(records: readonly unknown[], slab: Buffer, ends: Uint32Array): void {
    if (this.#allHaveValues.length < ends.length) this.#allHaveValues = new Uint8Array(ends.length)
    const to = this.#walker.walk(slab, ends, this.#allHaveValues, 0, ends.length, this.#header)
    if (to === ends.length) return
    const size = (ends[to] as number) - (to === 0 ? 0 : (ends[to - 1] as number)) - this.#header.length
    throw new RecordError(
      'ERR_MILLRACE_RECORD_INVALID',
      `record ${to} could not be read again: ${this.#walker.problem(size)}`,
      to,
      '',
      records[to]
    )
  }

  #encodeRecord(record: unknown, tap: ExactTap, index: number): number {
    const header = this.#header
    const start = tap.pos
    for (;;) {
      if (start + header.length <= tap.buf.length) {
        for (let i = 0; i < header.length; i++) tap.buf[start + i] = header[i] as number
        tap.pos = start + header.length
        const end = this.#type.encodeInto(record, tap, index)
        if (end >= 0) {
          if (end - start > this.#maxRecordBytes) throw this.#tooLarge(record, index, end - start)
          return end
        }
      }
      tap.pos = start
      this.#grow(tap, record, index)
    }
  }

  #grow(tap: ExactTap, record: unknown, index: number): void {
    if (tap.buf.length >= LARGEST_SLAB) throw this.#tooLarge(record, index, LARGEST_SLAB)
    const small = tap.buf
    const large = this.#pool.take(Math.min(LARGEST_SLAB, 2 * small.length))
    small.copy(large, 0, 0, tap.pos)
    this.#pool.giveBack(small)
    tap.buf = large
  }

  #tooLarge(record: unknown, index: number, bytes: number): RecordError {
    return new RecordError(
      'ERR_MILLRACE_RECORD_TOO_LARGE',
      `record ${index} has ${bytes} bytes, more than the ${this.#maxRecordBytes} that a record may have: set ` +
        `'message.max.bytes' in channelConfig (and 'queue.buffering.max.kbytes', where it is set), and ` +
        `'max.message.bytes' of the topic, or write smaller records`,
      index,
      '',
      record
    )
  }
}
