import { expect } from 'chai'
import { RecordError, RecordType, SchemaError } from 'millrace'
import { BatchEncoder, SlabPool } from '../../lib/avro/index.js'
import { schemaText } from '../support/fixtures.js'

const encoder = (type: RecordType, limits = {}): BatchEncoder =>
  new BatchEncoder(type, 'single-object', new SlabPool(), 10_000_000, limits)

function list(depth: number): unknown {
  let value: unknown = null
  for (let v = 0; v < depth; v++) value = { v, next: value }
  return value
}

describe('what readers would not take', () => {
  it('is refused on writing, by its index, and nothing of its batch is encoded', () => {
    const lists = RecordType.of(schemaText('rec-list'))
    const nulls = RecordType.of({ type: 'array', items: 'null' }) as RecordType
    const many = Array.from({ length: 1_000_001 }, () => null)
    for (const [type, good, bad, reason] of [
      [lists, list(1900), list(2100), 'maxRecordDepth'],
      [nulls, [null], many, 'maxRecordValues']
    ] as const) {
      expect(() => encoder(type).encode([good, bad, good]))
        .to.throw(RecordError, `record 1 could not be read again`)
        .with.property('message')
        .that.contains(reason)
    }
  })

  it('is written with limits that are wider', () => {
    const lists = RecordType.of(schemaText('rec-list'))
    expect(encoder(lists, { maxRecordDepth: 10_000 }).encode([list(2100)]).ends).to.have.length(1)
  })
})

describe('values that are nearly right', () => {
  it('are no symbol of an enum: only a text is', () => {
    const type = RecordType.of({ type: 'enum', name: 'E', symbols: ['A', 'B'] }) as RecordType
    for (const value of [['A'], Object('A'), { toString: () => 'B' }, 0, null]) {
      expect(() => type.encode(value)).to.throw(RecordError)
    }
    expect(type.encode('B').toString('hex')).to.equal('02')
  })

  it('are no record because they have a length or size too', () => {
    for (const [name, values] of [
      ['length', [[1, 2], 'abc', Buffer.alloc(3), (): void => undefined]],
      ['size', [new Map([[1, 1]]), new Set([1])]]
    ] as const) {
      const type = RecordType.of({ type: 'record', name: 'R', fields: [{ name, type: 'int' }] }) as RecordType
      for (const value of values) expect(() => type.encode(value)).to.throw(RecordError)
      expect(type.encode({ [name]: 1 }).toString('hex')).to.equal('02')
    }
  })
})

describe('bytes that another schema reads as a text', () => {
  const text = RecordType.of('"string"')
  const bytes = RecordType.of('"bytes"')

  it('are undecodable where they are no UTF-8, and the text where they are', () => {
    const body = (value: Buffer): Buffer => (bytes as RecordType).encode(value)
    expect(text.decode(body(Buffer.from('ü€')), { writer: bytes })).to.equal('ü€')
    expect(() => text.decode(body(Buffer.from([0xc3])), { writer: bytes })).to.throw(/cannot decode/)
  })

  it('are refused where they are a decimal, alone and in a union', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }
    const writer = RecordType.of(decimal) as RecordType
    expect(() => text.decode(writer.encode('0.01'), { writer })).to.throw(SchemaError)
    const either = RecordType.of(['string', decimal]) as RecordType
    expect({ ...(either.decode(writer.encode('0.01'), { writer }) as object) }).to.deep.equal({ bytes: '0.01' })
  })
})

describe('a default of a long as a bigint', () => {
  it('is refused where it was rounded before it came here', () => {
    const schema = (value: string): string =>
      `{"type":"record","name":"R","fields":[{"name":"v","type":"long","default":${value}}]}`
    const of = (value: string) => (): RecordType => RecordType.of(schema(value), { long: 'bigint' })
    expect((of('5')().decode(of('5')().encode({})) as { v: bigint }).v).to.equal(5n)
    for (const value of ['9007199254740993', 'true', '""', '"12"', '1.5']) {
      expect(of(value), value).to.throw(SchemaError)
    }
  })
})
