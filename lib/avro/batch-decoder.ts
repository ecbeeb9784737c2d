/** Decodes the records of a drained slab, each exactly to its own end. */
import type { ValueReader } from './avsc-type.js'
import { type Encoding, unframing, type Unframing } from './framing.js'
import { NotDecodable, RecordType } from './record-type.js'
import { ExactTap } from './tap.js'

/** The records up to the first that cannot be decoded. */
export interface DecodedRecords<T> {
  readonly records: T[]
  /** Why the record behind the last of `records` cannot be decoded; undefined when all were. */
  readonly undecodable?: string
}

export class BatchDecoder<T> {
  readonly #type: RecordType<T>
  readonly #unframing: Unframing
  readonly #readers: Map<RecordType, ValueReader>
  readonly #tap = new ExactTap(Buffer.alloc(0), 0)

  /**
   * @param type - the schema that records are read as
   * @param encoding - how they stand in the topic
   * @param writers - the schemas they may have been written with
   * @throws SchemaError when one of `writers` cannot be read as `type`
   */
  constructor(type: RecordType<T>, encoding: Encoding, writers: readonly RecordType[]) {
    this.#type = type
    this.#unframing = unframing(encoding, writers)
    this.#readers = new Map(writers.map(writer => [writer, type.readerOf(writer)]))
  }

  /**
   * @param slab - the records one behind the other, from 0
   * @param ends - their end positions, ascending; from `count` on unused
   * @param isNull - whether the record at an index has no value at all
   */
  decode(slab: Buffer, ends: Uint32Array, count: number, isNull: (index: number) => boolean): DecodedRecords<T> {
    const tap = this.#tap
    tap.buf = slab
    const records: T[] = []
    let start = 0
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number
      try {
        if (end === start && isNull(i)) throw new NotDecodable('it has no value (null, a tombstone)')
        const writer = this.#unframing.writerAt(slab, start, end)
        tap.pos = start + this.#unframing.headerBytes
        records.push(this.#type.decodeFrom(this.#readers.get(writer) as ValueReader, tap, end))
      } catch (error) {
        if (!(error instanceof NotDecodable)) throw error
        return { records, undecodable: error.message }
      }
      start = end
    }
    return { records }
  }
}
