import { expect } from 'chai'
import { type AvroValue, RecordType } from 'millrace'

/** Compiles only where the two are the same type; these tests run in `tsc`. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false
const same = <_Proof extends true>(): void => undefined

const sample = {
  type: 'record',
  name: 'Sample',
  fields: [
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'value', type: ['null', 'double'] },
    { name: 'quality', type: { type: 'enum', name: 'Quality', symbols: ['GOOD', 'BAD'] }, default: 'GOOD' },
    { name: 'tags', type: { type: 'map', values: 'string' } },
    { name: 'raw', type: { type: 'array', items: 'bytes' } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 } }
  ]
} as const

interface Sample {
  at: number
  value: number | null
  tags: Record<string, string>
  raw: Uint8Array[]
  price: string
  quality?: 'GOOD' | 'BAD'
}

describe('AvroValue', () => {
  it('is the type of the values of a schema', () => {
    same<Same<AvroValue<'int'>, number>>()
    same<Same<AvroValue<'long', bigint>, bigint>>()
    same<Same<AvroValue<typeof sample>, Sample>>()
    same<Same<AvroValue<{ type: 'fixed'; name: 'F'; size: 2 }>, Uint8Array>>()
    same<Same<AvroValue<readonly ['null', 'string', 'int']>, null | string | number>>()
    expect(RecordType.of(sample).encode({ at: 1, value: null, tags: {}, raw: [], price: '1' })).to.have.length(7)
  })

  it('is unknown where a value must name its branch, or nothing is known', () => {
    same<Same<AvroValue<readonly ['null', 'int', 'long']>, unknown>>()
    same<Same<AvroValue<{ type: string }>, unknown>>()
    same<Same<AvroValue<readonly ['string', { type: 'enum'; name: 'E'; symbols: readonly ['A'] }]>, unknown>>()
  })

  it('follows types that contain themselves', () => {
    const list = {
      type: 'record',
      name: 'List',
      fields: [
        { name: 'v', type: 'int' },
        { name: 'next', type: ['null', 'List'] }
      ]
    } as const
    const type = RecordType.of(list)
    const read = type.decode(type.encode({ v: 1, next: { v: 2, next: null } }))
    expect(read.next?.next).to.equal(null)
    // @ts-expect-error -- a text is no int
    expect(() => type.encode({ v: 'one', next: null })).to.throw('expected "int"')
  })

  it('gives RecordType.of its type, where the schema stands there', () => {
    const numbers = RecordType.of({ type: 'array', items: 'long' })
    same<Same<typeof numbers, RecordType<number[]>>>()
    const bigints = RecordType.of({ type: 'array', items: 'long' }, { long: 'bigint' })
    same<Same<typeof bigints, RecordType<bigint[]>>>()
    const named = RecordType.of<Sample>(JSON.stringify(sample))
    same<Same<typeof named, RecordType<Sample>>>()
    const text = RecordType.of(JSON.stringify(sample))
    same<Same<typeof text, RecordType>>()
    expect(bigints.decode(bigints.encode([1n]))).to.deep.equal([1n])
  })
})
