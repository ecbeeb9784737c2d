import { expect } from 'chai'
import { RecordType, type Schema, SchemaError } from 'millrace'
import { headerOf } from '../../lib/avro/framing.js'
import { BatchDecoder } from '../../lib/avro/index.js'
import { fixture, slabOf, untagged } from '../support/fixtures.js'

interface ResolveCase {
  readonly id: string
  readonly writer: Schema
  readonly reader: Schema
  readonly record: unknown
  readonly hex: string
  readonly expect: { readonly value?: unknown; readonly error?: string }
}

const cases = fixture<ResolveCase>('resolve.json')
const kind = (id: string): string => (id.startsWith('enum') ? 'C40' : 'C44')

describe('schema resolution', () => {
  for (const { id, writer, reader, record, hex, expect: expected } of cases) {
    if (expected.error !== undefined) {
      it(`${kind(id)}: refuses what cannot be resolved before any record comes, both schemas named: ${id}`, () => {
        const [readerType, writerType] = [RecordType.of(reader), RecordType.of(writer)]
        expect(() => new BatchDecoder(readerType, 'single-object', [readerType, writerType]))
          .to.throw(SchemaError)
          .with.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
        expect(() => readerType.decode(Buffer.from(hex, 'hex'), { writer }))
          .to.throw(SchemaError, writerType.displayName)
          .with.property('message')
          .that.contains(readerType.displayName)
      })
      continue
    }

    it(`${kind(id)}: reads what another schema wrote, by Avro's rules: ${id}`, () => {
      const [readerType, writerType] = [RecordType.of(reader), RecordType.of(writer)]
      const body = writerType.encode(untagged(record))
      expect(body.toString('hex')).to.equal(hex)
      expect(readerType.decode(body, { writer })).to.deep.equal(expected.value)
      const { slab, ends } = slabOf(Buffer.concat([headerOf('single-object', writerType), body]))
      const decoder = new BatchDecoder(readerType, 'single-object', [readerType, writerType])
      expect(decoder.decode(slab, ends, 1, new Uint8Array(1))).to.deep.equal({ records: [expected.value] })
    })
  }

  it('C44: tells two versions of one name apart when they cannot be resolved', () => {
    const version = (field: string): object => ({ type: 'record', name: 'R', fields: [{ name: field, type: 'int' }] })
    expect(() => RecordType.of(version('newer')).decode(Buffer.from('02', 'hex'), { writer: version('older') }))
      .to.throw(SchemaError, /written with .*"older".* cannot be read as .*"newer"/)
      .with.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
  })

  it('gives the fields in the order of the reader', () => {
    const schema = (...names: string[]): object => ({
      type: 'record',
      name: 'R',
      fields: names.map(name => ({ name, type: 'int' }))
    })
    const writer = RecordType.of<object>(schema('a', 'b', 'c'))
    const reader = RecordType.of<object>(schema('c', 'a', 'b'))
    const read = reader.decode(writer.encode({ a: 1, b: 2, c: 3 }), { writer: writer as RecordType })
    expect(Object.entries(read)).to.deep.equal([
      ['c', 3],
      ['a', 1],
      ['b', 2]
    ])
  })

  it('gives each record a default of its own', () => {
    const writer = { type: 'record', name: 'R', fields: [] }
    const reader = RecordType.of<{ list: number[] }>({
      ...writer,
      fields: [{ name: 'list', type: { type: 'array', items: 'int' }, default: [1] }]
    })
    const [one, two] = [1, 2].map(() => reader.decode(Buffer.alloc(0), { writer }))
    one?.list.push(2)
    expect(two).to.deep.equal({ list: [1] })
  })

  it('reads a long below -2^52 of another schema exactly', () => {
    const schema = (type: unknown): object => ({ type: 'record', name: 'R', fields: [{ name: 'a', type }] })
    const writer = RecordType.of<{ a: number }>(schema('long'))
    const reader = RecordType.of<{ a: number }>(schema(['null', 'long']))
    const a = -(2 ** 52) - 1
    expect(reader.decode(writer.encode({ a }), { writer: writer as RecordType })).to.deep.equal({ a })
  })
})
