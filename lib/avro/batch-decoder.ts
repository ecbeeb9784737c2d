/** Decodes the records of a drained slab, each exactly to its own end. */
import type { ValueReader } from './avsc-type.js'
import { foreignFrame } from './foreign-frame.js'
import { type Encoding, headerOf, unframing, type Unframing, UnknownWriterSchema } from './framing.js'
import { NotDecodable, RecordType } from './record-type.js'
import { ExactTap } from './tap.js'
import { NO_VALUE, type RecordLimits, type Walker } from './walker.js'

/** The records up to the first that cannot be decoded. */
export interface DecodedRecords<T> {
  readonly records: T[]
  /** Why the record behind the last of `records` cannot be decoded; undefined when all were. */
  readonly undecodable?: string
  /** The fingerprint of that record's schema, if nobody told of it yet: it can be decoded after `add`. */
  readonly unknownSchema?: string
}

/** What is needed for records of one writer's schema. */
interface Written {
  readonly header: Buffer
  readonly walker: Walker
  readonly reader: ValueReader
}

export class BatchDecoder<T> {
  readonly #type: RecordType<T>
  readonly #unframing: Unframing
  readonly #written: Map<RecordType, Written>
  /** Why records of a schema cannot be decoded, by its fingerprint. */
  readonly #refused = new Map<string, string>()
  readonly #tap = new ExactTap(Buffer.alloc(0), 0)
  /** The record of the batch that comes next. */
  #next = 0

  /**
   * @param type - the schema that records are read as
   * @param encoding - how they stand in the topic
   * @param writers - the schemas they may have been written with
   * @throws SchemaError when one of `writers` cannot be read as `type`
   */
  constructor(
    type: RecordType<T>,
    private readonly encoding: Encoding,
    writers: readonly RecordType[],
    private readonly limits: RecordLimits = {}
  ) {
    this.#type = type
    this.#unframing = unframing(encoding, writers)
    this.#written = new Map(writers.map(writer => [writer, this.#toRead(writer)]))
  }

  /** Whether records of that schema can be decoded. @param fingerprint - 16 hexadecimal digits */
  knows(fingerprint: string): boolean {
    return [...this.#written.keys()].some(writer => writer.fingerprint === fingerprint)
  }

  /**
   * One more schema that records may have been written with; not with `plain`.
   * @throws SchemaError when it cannot be read as this decoder's type
   */
  add(writer: RecordType): void {
    this.#written.set(writer, this.#toRead(writer))
    this.#unframing.add(writer)
  }

  /** Records of that schema are no longer of an unknown one: they cannot be decoded. @param reason - as the error says it */
  refuse(fingerprint: string, reason: string): void {
    this.#refused.set(fingerprint, reason)
  }

  #toRead(writer: RecordType): Written {
    const header = headerOf(this.encoding, writer)
    return { header, walker: writer.walker(this.#type.long, this.limits), reader: this.#type.readerOf(writer) }
  }

  /**
   * @param slab - the records one behind the other, from 0
   * @param ends - their end positions, ascending; from `count` on unused
   * @param flags - of each; see `NO_VALUE`
   * @param skip - called for each that cannot be decoded, which then does not end the records
   */
  decode(
    slab: Buffer,
    ends: Uint32Array,
    count: number,
    flags: Uint8Array,
    skip?: (index: number, reason: string) => void
  ): DecodedRecords<T> {
    const records: T[] = []
    this.#next = 0
    while (this.#next < count) {
      try {
        this.#decodeRun(slab, ends, count, flags, records)
      } catch (error) {
        if (!(error instanceof NotDecodable)) throw error
        const refused = error instanceof UnknownWriterSchema ? this.#refused.get(error.fingerprint) : undefined
        if (error instanceof UnknownWriterSchema && refused === undefined) {
          return { records, undecodable: error.message, unknownSchema: error.fingerprint }
        }
        const reason = refused ?? error.message
        if (!skip) return { records, undecodable: reason }
        skip(this.#next++, reason)
      }
    }
    return { records }
  }

  /** Adds the next records that have one writer's schema; at least one. */
  #decodeRun(slab: Buffer, ends: Uint32Array, count: number, flags: Uint8Array, records: T[]): void {
    const first = this.#next
    let start = first === 0 ? 0 : (ends[first - 1] as number)
    const end = ends[first] as number
    if (((flags[first] as number) & NO_VALUE) !== 0) throw new NotDecodable('it has no value (null, a tombstone)')
    const writer = this.#unframing.writerAt(slab, start, end)
    const { header, walker, reader } = this.#written.get(writer) as Written
    const to = walker.walk(slab, ends, flags, first, count, header)
    if (to === first) {
      // Without a header of our own it may have another one.
      const looks = header.length === 0 ? foreignFrame(slab, start, end) : undefined
      throw writer.notDecodable(walker.problem(end - start - header.length), looks)
    }
    const tap = this.#tap
    tap.buf = slab
    let i = first
    try {
      for (; i < to; i++) {
        const end = ends[i] as number
        tap.pos = start + header.length
        records.push(this.#type.decodeFrom(reader, tap, end))
        start = end
      }
    } finally {
      this.#next = i
    }
  }
}
