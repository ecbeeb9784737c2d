/** A schema made ready to encode and decode records; what readers and writers use themselves. */
import { MillraceError } from '../errors.js'
import type { AvroValue, SchemaLiteral } from './avro-value.js'
import {
  type AvscType,
  type LongForm,
  nameOf,
  parseSchema,
  resolve,
  type Schema,
  type ValueReader
} from './avsc-type.js'
import { fingerprintOf, fingerprintText } from './fingerprint.js'
import { foreignFrame } from './foreign-frame.js'
import { explainInvalid, withBuffers } from './invalid-record.js'
import { ExactTap } from './tap.js'
import { type RecordLimits, Walker } from './walker.js'

/** A body that is not exactly one value of its schema. */
export class NotDecodable extends Error {}

/** What `RecordType.decode` takes besides a body. */
export interface DecodeOptions extends RecordLimits {
  /** The schema that the body was written with, if another than the type's own. */
  readonly writer?: Schema | RecordType | undefined
}

const NO_HEADER = Buffer.alloc(0)

/**
 * The records of one schema.
 *
 * ```ts
 * const type = RecordType.of<Sample>('{"type":"record","name":"Sample","fields":[{"name":"i","type":"long"}]}')
 * type.decode(type.encode({ i: 1 })) // { i: 1 }
 * ```
 * @typeParam T - the records' type; unchecked at run time except against the schema
 */
export class RecordType<T = unknown> {
  readonly #type: AvscType
  /** CRC-64-AVRO of the schema, as the 8 bytes that travel with a record. Not to be changed. */
  readonly fingerprintBytes: Buffer
  /** CRC-64-AVRO of the schema as 16 hexadecimal digits, as the Avro specification prints it. */
  readonly fingerprint: string
  /** Those with the default limits. */
  readonly #walkers = new Map<LongForm, Walker>()
  readonly #readers = new WeakMap<RecordType, ValueReader>()

  private constructor(
    type: AvscType,
    /** How longs come and go. */
    readonly long: LongForm
  ) {
    this.#type = type
    this.fingerprintBytes = fingerprintOf(JSON.stringify(type.schema()))
    this.fingerprint = fingerprintText(this.fingerprintBytes)
  }

  /**
   * The records' type follows from a schema that stands in the program: `RecordType.of({ type: 'array', items: 'int' })`
   * is a `RecordType<number[]>`.
   *
   * @param schema - JSON text or object; a RecordType is returned as it is
   * @param options - `long`: `'number'` (default) takes and gives numbers and refuses what is beyond ±(2^53 - 2);
   *   `'bigint'` takes and gives bigints, for all 64 bits, and is slower
   * @throws SchemaError when it is no valid Avro schema
   */
  static of<const Literal extends SchemaLiteral, Long extends LongForm = 'number'>(
    schema: Literal,
    options?: { readonly long?: Long }
  ): RecordType<AvroValue<Literal, Long extends 'bigint' ? bigint : number>>
  static of<T = unknown>(schema: Schema | RecordType<T>, options?: { readonly long?: LongForm }): RecordType<T>
  static of(schema: Schema | RecordType, options: { readonly long?: LongForm } = {}): unknown {
    if (schema instanceof RecordType) return schema
    const { long = 'number' } = options
    if (long !== 'number' && long !== 'bigint') throw new TypeError("long must be 'number' or 'bigint'")
    return new RecordType(parseSchema(schema, long), long)
  }

  /**
   * One record's Avro binary encoding: the body alone, without fingerprint.
   * @throws RecordError with the path and the value that does not fit
   */
  encode(value: T): Buffer {
    let buffer = Buffer.allocUnsafe(256)
    for (;;) {
      const end = this.encodeInto(value, new ExactTap(buffer, 0), 0)
      if (end >= 0) return buffer.subarray(0, end)
      buffer = Buffer.allocUnsafe(2 * buffer.length)
    }
  }

  /**
   * The record that a body holds.
   *
   * @param body - one record's Avro binary encoding, all of it
   * @param options - `writer`: the schema it was written with, if another; resolved by Avro's rules. And how much it may
   *   hold
   * @throws MillraceError `ERR_MILLRACE_RECORD_UNDECODABLE` when the body is not exactly one record
   * @throws SchemaError when the two schemas cannot be resolved
   */
  decode(body: Uint8Array, options: DecodeOptions = {}): T {
    if (!(body instanceof Uint8Array)) throw new TypeError('decode takes a Buffer or another Uint8Array')
    const writer = options.writer === undefined ? this : RecordType.of(options.writer)
    const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    try {
      const walker = writer.walker(this.long, options)
      if (walker.walk(buffer, Uint32Array.of(buffer.length), Uint8Array.of(0), 0, 1, NO_HEADER) === 0) {
        throw writer.notDecodable(walker.problem(buffer.length), foreignFrame(buffer, 0, buffer.length))
      }
      return this.decodeFrom(this.readerOf(writer as RecordType), new ExactTap(buffer, 0), buffer.length)
    } catch (cause) {
      if (!(cause instanceof NotDecodable)) throw cause
      throw new MillraceError('ERR_MILLRACE_RECORD_UNDECODABLE', `cannot decode: ${cause.message}`, { cause })
    }
  }

  /** The schema as JSON, without what does not matter for decoding (documentation, aliases). */
  toString(): string {
    return JSON.stringify(this.#type.schema())
  }

  /** The schema's text, cut to what a message can carry. */
  get displayName(): string {
    return nameOf(this.#type)
  }

  /**
   * Encodes at the tap's position.
   *
   * @internal
   * @param index - the record's place in its batch, for the error
   * @returns the position behind it, or -1 when the buffer is too small
   * @throws RecordError when the value does not fit the schema
   */
  encodeInto(value: unknown, tap: ExactTap, index: number): number {
    const start = tap.pos
    try {
      this.#type._write(tap, value)
    } catch (error) {
      tap.pos = start
      this.#encodeCopyInto(value, tap, index, error)
    }
    return tap.pos <= tap.buf.length ? tap.pos : -1
  }

  /**
   * What reads records of `writer` as records of this type; resolved once for each.
   * @internal
   */
  readerOf(writer: RecordType): ValueReader {
    if (this.#isSameAs(writer)) return this.#type
    let reader = this.#readers.get(writer)
    if (!reader) this.#readers.set(writer, (reader = resolve(this.#type, writer.#type)))
    return reader
  }

  /** The fingerprint knows nothing of logical types: decimals of another scale have the same one. */
  #isSameAs(writer: RecordType): boolean {
    const whole = (type: AvscType): string => JSON.stringify(type.schema({ exportAttrs: true }))
    return writer === this || whole(writer.#type) === whole(this.#type)
  }

  /**
   * What checks bodies of this schema.
   * @internal
   * @param long - as the reader wants them: as numbers they are bounded
   */
  walker(long: LongForm, limits: RecordLimits = {}): Walker {
    const { maxRecordValues, maxRecordDepth } = limits
    if (maxRecordValues !== undefined || maxRecordDepth !== undefined) return new Walker(this.#type, long, limits)
    let walker = this.#walkers.get(long)
    if (!walker) this.#walkers.set(long, (walker = new Walker(this.#type, long, {})))
    return walker
  }

  /**
   * That a body is not one of this schema.
   *
   * @param looks - what it looks like instead
   * @internal
   */
  notDecodable(reason: string, looks?: string): NotDecodable {
    const hint = looks ? ` (it looks like ${looks})` : ''
    return new NotDecodable(`not one record of the schema ${this.displayName}: ${reason}${hint}`)
  }

  /**
   * Decodes at the tap's position a body that a walker has found sound.
   * @internal
   * @throws NotDecodable when it still cannot be: the reader's schema may know less than the writer's
   */
  decodeFrom(reader: ValueReader, tap: ExactTap, end: number): T {
    let value: unknown
    try {
      value = reader._read(tap)
    } catch (error) {
      throw new NotDecodable(error instanceof Error ? error.message : String(error), { cause: error })
    }
    if (tap.pos !== end) throw this.notDecodable(`it was read to byte ${tap.pos} instead of ${end}`)
    return value as T
  }

  /** Any view of bytes is accepted, but avsc knows Buffers only; few records have one, so not before it fails. */
  #encodeCopyInto(value: unknown, tap: ExactTap, index: number, error: unknown): void {
    let copy = value
    try {
      copy = withBuffers(value)
      if (copy === value) throw error
      this.#type._write(tap, copy)
    } catch (again) {
      throw explainInvalid(this.#type, copy, index, again)
    }
  }
}
