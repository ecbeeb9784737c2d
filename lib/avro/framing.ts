/**
 * What stands before a record's body on the wire, as one small strategy for each encoding.
 *
 * `single-object` is Avro's single-object encoding: C3 01, the 8-byte fingerprint of the writer's schema, the body. So
 * every record is decoded with the schema it was written with. `plain` is the bare body, as pypz writes it.
 */
import { fingerprintText } from './fingerprint.js'
import { foreignFrame } from './foreign-frame.js'
import { NotDecodable, type RecordType } from './record-type.js'

/** How records stand in the topic. */
export type Encoding = 'single-object' | 'plain'

export const encodings: readonly Encoding[] = ['single-object', 'plain']

const MARKER = Buffer.from([0xc3, 0x01])
const HEADER_BYTES = 10

/** The bytes that a writer puts before each body. */
export function headerOf(encoding: Encoding, type: RecordType): Buffer {
  return encoding === 'plain' ? Buffer.alloc(0) : Buffer.concat([MARKER, type.fingerprintBytes])
}

/** Finds the body of a record and the schema it was written with. */
export interface Unframing {
  /**
   * @param slab - holds the record from `start` to `end`
   * @returns the schema it was written with
   * @throws NotDecodable with the reason
   */
  readonly writerAt: (slab: Buffer, start: number, end: number) => RecordType
  /** One more schema that records may have been written with. */
  readonly add: (writer: RecordType) => void
}

/** A record whose schema nobody has told of. */
export class UnknownWriterSchema extends NotDecodable {
  /** @param fingerprint - 16 hexadecimal digits */
  constructor(
    readonly fingerprint: string,
    known: readonly string[]
  ) {
    super(
      `it was written with the schema of fingerprint ${fingerprint}, which nobody announced to this reader ` +
        `(known: ${known.join(', ')})`
    )
  }
}

/** @param writers - every schema that records may have been written with; `plain` has exactly one */
export function unframing(encoding: Encoding, writers: readonly RecordType[]): Unframing {
  return encoding === 'plain' ? plain(writers) : singleObject(writers)
}

function plain(writers: readonly RecordType[]): Unframing {
  const [writer] = writers
  if (writer === undefined || writers.length > 1) throw new RangeError('plain records have exactly one writer schema')
  const add = (): void => {
    throw new RangeError('plain records have exactly one writer schema')
  }
  return { writerAt: () => writer, add }
}

function singleObject(writers: readonly RecordType[]): Unframing {
  // Compared as two 32-bit halves, since that makes no object for a record.
  const entryOf = (type: RecordType) => ({
    type,
    low: type.fingerprintBytes.readUInt32LE(0),
    high: type.fingerprintBytes.readUInt32LE(4)
  })
  const known = writers.map(entryOf)
  return {
    add: writer => void known.push(entryOf(writer)),
    writerAt(slab, start, end) {
      if (end - start < HEADER_BYTES || slab[start] !== MARKER[0] || slab[start + 1] !== MARKER[1]) {
        throw new NotDecodable(describeForeign(slab, start, end))
      }
      const low = slab.readUInt32LE(start + 2)
      const high = slab.readUInt32LE(start + 6)
      for (const schema of known) if (schema.low === low && schema.high === high) return schema.type
      const fingerprint = fingerprintText(slab.subarray(start + 2, start + HEADER_BYTES))
      const names = known.map(({ type }) => type.fingerprint)
      throw new UnknownWriterSchema(fingerprint, names)
    }
  }
}

function describeForeign(slab: Buffer, start: number, end: number): string {
  const expected = 'it is no Avro single-object encoding (C3 01 and a fingerprint)'
  if (end === start) return `${expected}: it is empty`
  const looks = foreignFrame(slab, start, end)
  // Plain records may begin with 00 as well.
  if (looks)
    return `${expected}: it looks like ${looks}${slab[start] === 0 ? ", or its writer is set to encoding 'plain'" : ''}`
  return `${expected}: is its writer set to encoding 'plain'?`
}
