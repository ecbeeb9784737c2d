import { expect } from 'chai'
import { RecordType, SchemaError } from 'millrace'
import { headerOf } from '../../lib/avro/framing.js'
import { BatchDecoder, type DecodedRecords } from '../../lib/avro/index.js'
import { fixture, goldenCases, schemaText, slabOf } from '../support/fixtures.js'

interface BadCase {
  readonly id: string
  readonly kind: 'truncated' | 'trailing' | 'bleed' | 'utf8' | 'framing'
  readonly schema: string
  readonly hex: string
  /** Bytes of a good record. */
  readonly next?: string
}

/** Flags of records that all have a value. */
const plainFlags = new Uint8Array(10)
const text = RecordType.of<string>('"string"')
const framed = <T>(type: RecordType<T>, value: T): Buffer =>
  Buffer.concat([headerOf('single-object', type as RecordType), type.encode(value)])

function decodeTexts(...records: readonly Buffer[]): DecodedRecords<string> {
  const { slab, ends, count } = slabOf(...records)
  return new BatchDecoder(text, 'single-object', [text as RecordType]).decode(slab, ends, count, plainFlags)
}

const reasons = {
  truncated: /cut short/,
  trailing: /bytes are left over/,
  bleed: /cut short/,
  utf8: /not valid UTF-8/
}

describe('BatchDecoder', () => {
  it('decodes the records in their order', () => {
    expect(decodeTexts(framed(text, 'a'), framed(text, ''), framed(text, 'bc'))).to.deep.equal({
      records: ['a', '', 'bc']
    })
  })

  it('decodes as many as it is told, whatever stands in the rest of slab and ends', () => {
    const { slab } = slabOf(framed(text, 'a'), Buffer.from('rubbish'))
    const decoder = new BatchDecoder(text, 'single-object', [text as RecordType])
    expect(decoder.decode(slab, Uint32Array.of(12, 7, 4_000_000_000), 1, plainFlags)).to.deep.equal({ records: ['a'] })
  })

  it('decodes one slab after another', () => {
    const decoder = new BatchDecoder(text, 'single-object', [text as RecordType])
    for (const value of ['first', 'b', 'the third']) {
      const { slab, ends, count } = slabOf(framed(text, value))
      expect(decoder.decode(slab, ends, count, plainFlags).records).to.deep.equal([value])
    }
  })

  it('C36: keeps the good records before a bad one', () => {
    const { records, undecodable } = decodeTexts(
      framed(text, 'a'),
      framed(text, 'b'),
      Buffer.from('bad'),
      framed(text, 'c')
    )
    expect(records).to.deep.equal(['a', 'b'])
    expect(undecodable).to.be.a('string').and.not.equal('')
  })

  it('C36: does not let a record that is cut short take from its neighbour', () => {
    const whole = framed(text, 'hello')
    for (let length = 10; length < whole.length; length++) {
      const { records, undecodable } = decodeTexts(framed(text, 'a'), whole.subarray(0, length), whole)
      expect(records, `cut to ${length} bytes`).to.deep.equal(['a'])
      expect(undecodable).to.contain('cut short')
    }
  })

  const goldenHex = new Map(goldenCases().map(({ id, hex }) => [id, hex]))
  const goodIds: Record<string, string> = { string: 'string-nul', long: 'long-64', 'longs-nested': 'longs-nested-2' }
  for (const { id, kind, schema, hex, next } of fixture<BadCase>('bad.json')) {
    if (kind === 'framing') continue
    it(`C36: a ${kind} record between two good ones is undecodable and harms neither: ${id}`, () => {
      const type = RecordType.of(schemaText(schema))
      const good = Buffer.from(next ?? goldenHex.get(goodIds[schema] ?? '') ?? '', 'hex')
      const bad = Buffer.from(hex, 'hex')
      const decoder = new BatchDecoder(type, 'plain', [type])
      const { slab, ends } = slabOf(good, bad, good)
      const { records, undecodable } = decoder.decode(slab, ends, 3, plainFlags)
      expect(records).to.deep.equal([type.decode(good)])
      expect(undecodable).to.match(reasons[kind])
      const behind = slabOf(good)
      expect(decoder.decode(behind.slab, behind.ends, 1, plainFlags).records).to.deep.equal([type.decode(good)])
    })
  }

  it('says how many bytes are left over', () => {
    expect(decodeTexts(Buffer.concat([framed(text, 'a'), Buffer.alloc(3)])).undecodable).to.contain('3 bytes')
  })

  it('C45: an empty value is a record where the schema has one of no bytes', () => {
    const nothing = RecordType.of(schemaText('empty'))
    const decoder = new BatchDecoder(nothing, 'plain', [nothing])
    expect(decoder.decode(Buffer.alloc(0), Uint32Array.of(0, 0), 2, plainFlags).records).to.deep.equal([{}, {}])
  })

  it('C45: an empty value is undecodable where the schema has none of no bytes', () => {
    const decoder = new BatchDecoder(text, 'plain', [text as RecordType])
    expect(decoder.decode(Buffer.alloc(0), Uint32Array.of(0), 1, plainFlags).undecodable).to.contain('cut short')
    expect(decodeTexts(framed(text, 'a'), Buffer.alloc(0)).undecodable).to.contain('empty')
  })

  it('C45: no value is never a record, not even of a schema that has one of no bytes', () => {
    const nothing = RecordType.of(schemaText('empty'))
    const decoder = new BatchDecoder(nothing, 'plain', [nothing])
    const decoded = decoder.decode(Buffer.alloc(0), Uint32Array.of(0, 0, 0), 3, Uint8Array.of(0, 1, 0))
    expect(decoded.records).to.deep.equal([{}])
    expect(decoded.undecodable).to.contain('no value')
  })

  it('names the fingerprint of a schema that it does not know', () => {
    const { records, undecodable } = decodeTexts(framed(text, 'a'), framed(RecordType.of<null>('"null"'), null))
    expect(records).to.deep.equal(['a'])
    expect(undecodable).to.contain('63dd24e7cc258f8a')
  })

  it('C48: decodes each record with the schema it was written with, two versions interleaved', () => {
    const older = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] }
    const newer = {
      ...older,
      fields: [
        { name: 'text', type: 'string', default: 'none' },
        { name: 'n', type: 'long' }
      ]
    }
    const [one, two] = [RecordType.of<object>(older), RecordType.of<object>(newer)]
    const decoder = new BatchDecoder(two, 'single-object', [two, one] as RecordType[])
    const { slab, ends, count } = slabOf(
      framed(one, { n: 1 }),
      framed(two, { text: 'new', n: 2 }),
      framed(one, { n: 3 }),
      framed(two, { text: 'newer', n: 4 })
    )
    expect(decoder.decode(slab, ends, count, plainFlags).records).to.deep.equal([
      { text: 'none', n: 1 },
      { text: 'new', n: 2 },
      { text: 'none', n: 3 },
      { text: 'newer', n: 4 }
    ])
  })

  it('refuses a writer schema that cannot be read as its own before any record comes', () => {
    const other = RecordType.of('"int"')
    expect(() => new BatchDecoder(text, 'single-object', [text as RecordType, other]))
      .to.throw(SchemaError, '"int"')
      .with.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
  })

  it('C36: holds records of another schema to their own end as well', () => {
    const writer = RecordType.of<object>({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'n', type: 'int' },
        { name: 'gone', type: 'string' }
      ]
    })
    const reader = RecordType.of<object>({ type: 'record', name: 'R', fields: [{ name: 'n', type: 'long' }] })
    const decoder = new BatchDecoder(reader, 'single-object', [reader, writer] as RecordType[])
    const whole = framed(writer, { n: 1, gone: 'hello' })
    const bad: [Buffer, string][] = [
      [Buffer.concat([whole, Buffer.alloc(2)]), '2 bytes are left over'],
      ...[10, 11, 12, whole.length - 1].map((length): [Buffer, string] => [whole.subarray(0, length), 'cut short'])
    ]
    for (const [record, reason] of bad) {
      const { slab, ends, count } = slabOf(whole, record, whole)
      const { records, undecodable } = decoder.decode(slab, ends, count, plainFlags)
      expect(records, `${record.length} bytes`).to.deep.equal([{ n: 1 }])
      expect(undecodable).to.contain(reason)
    }
  })

  // 2^31 - 1 items, of which none is there; what stands behind would be taken for some of them.
  for (const schema of [
    { type: 'array', items: 'int' },
    { type: 'array', items: 'string' },
    { type: 'array', items: 'boolean' },
    { type: 'array', items: 'float' },
    { type: 'array', items: 'double' },
    { type: 'array', items: { type: 'fixed', name: 'F', size: 3 } },
    { type: 'map', values: 'int' },
    { type: 'map', values: 'bytes' }
  ]) {
    it(`C36: reads no item that is not there, however many a record claims: ${JSON.stringify(schema)}`, () => {
      const type = RecordType.of(schema)
      const good = type.encode(schema.type === 'array' ? [] : {})
      const decoder = new BatchDecoder(type, 'plain', [type])
      const { slab, ends, count } = slabOf(good, Buffer.from('feffffff0f', 'hex'), good, good)
      const { records, undecodable } = decoder.decode(slab, ends, count, plainFlags)
      expect(records).to.deep.equal([type.decode(good)])
      expect(undecodable).to.contain('more values than maxRecordValues')
    })
  }
})
