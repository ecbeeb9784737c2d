import { expect } from 'chai'
import { RecordError, RecordType, SchemaError } from 'millrace'

const record = (...fields: readonly object[]): object => ({ type: 'record', name: 'R', fields })
const names = Object.getOwnPropertyNames(Object.prototype).filter(name => name !== '__proto__')

type Fields = Record<string, unknown>

describe('names that every object has', () => {
  for (const name of names) {
    describe(name, () => {
      it('is a field like any other: written, read, and written again', () => {
        const type = RecordType.of<Fields>(record({ name: 'a', type: 'int' }, { name, type: 'int' }))
        const read = type.decode(type.encode({ a: 1, [name]: 2 }))
        expect(Object.entries(read)).to.deep.equal([
          ['a', 1],
          [name, 2]
        ])
        expect(type.encode(read).toString('hex')).to.equal('0204')
      })

      it('takes its default where it is missing, in objects, in instances of classes and in defaults', () => {
        class Reading {
          a = 1
        }
        for (const [type, value] of [
          ['int', 7],
          ['string', 'd'],
          [{ type: 'map', values: 'int' }, { k: 1 }],
          [['null', { type: 'record', name: 'I', fields: [] }], null]
        ] as const) {
          const field = { name, type, default: value }
          const records = RecordType.of<Fields>(record({ name: 'a', type: 'int' }, field))
          const given = records.encode({ a: 1, [name]: value })
          for (const object of [{ a: 1 }, new Reading(), { a: 1, [name]: undefined }]) {
            expect(records.encode(object as unknown as Fields)).to.deep.equal(given)
          }
        }
        const inner = { type: 'record', name: 'I', fields: [{ name, type: 'int', default: 3 }] }
        const outer = RecordType.of<Fields>(record({ name: 'in', type: inner, default: {} }))
        expect(outer.encode({}).toString('hex')).to.equal('06')
      })

      it('is refused by its path where it is missing and has no default, and where it is a function of the record', () => {
        for (const type of ['int', 'string', { type: 'map', values: 'int' }, { type: 'array', items: 'int' }]) {
          const missing = (): unknown => RecordType.of<Fields>(record({ name, type })).encode({})
          expect(missing).to.throw(RecordError).with.property('path', `/${name}`)
        }
        const own = (): unknown =>
          RecordType.of<Fields>(record({ name, type: 'int', default: 1 })).encode({ [name]: () => 5 })
        expect(own).to.throw(RecordError).with.property('path', `/${name}`)
      })

      it("is matched with another schema's field by its own name and its aliases only", () => {
        const writer = RecordType.of<Fields>(record({ name: 'a', type: 'int' }, { name, type: 'int' }))
        const body = writer.encode({ a: 5, [name]: 6 })
        for (const [fields, read] of [
          [[{ name, type: 'long' }], [[name, 6]]],
          [[{ name: 'a', type: 'int' }], [['a', 5]]],
          [[{ name: 'b', type: 'long', aliases: [name] }], [['b', 6]]],
          [[{ name: 'a', type: 'int', aliases: names.filter(other => other !== name) }], [['a', 5]]]
        ] as const) {
          const reader = RecordType.of<Fields>(record(...fields))
          expect(Object.entries(reader.decode(body, { writer: writer as RecordType }))).to.deep.equal(read)
        }
        const without = RecordType.of<Fields>(record({ name: 'a', type: 'int' }))
        const reader = RecordType.of<Fields>(record({ name, type: 'long', default: 7 }))
        const read = reader.decode(without.encode({ a: 5 }), { writer: without as RecordType })
        expect(Object.entries(read)).to.deep.equal([[name, 7]])
        const demanding = RecordType.of<Fields>(record({ name, type: 'long' }))
        expect(() => demanding.decode(Buffer.of(2), { writer: without as RecordType })).to.throw(SchemaError)
      })
    })
  }

  for (const name of [...names, '__proto__']) {
    it(`${name} is a symbol of an enum if it is one of its symbols, and else none`, () => {
      const schema = (...symbols: string[]): object => ({ type: 'enum', name: 'E', symbols, default: 'A' })
      const [without, having] = [RecordType.of<string>(schema('A')), RecordType.of<string>(schema('A', name))]
      expect(having.decode(having.encode(name))).to.equal(name)
      expect(() => without.encode(name)).to.throw(RecordError, 'expected')
      expect(without.decode(having.encode(name), { writer: having as RecordType })).to.equal('A')
    })

    it(`${name} is no type's name without a namespace, and none that a schema could refer to`, () => {
      const named = { type: 'record', name, fields: [] }
      for (const schema of [named, record({ name: 'a', type: name }), ['null', name], { type: name }]) {
        expect(() => RecordType.of(schema)).to.throw(SchemaError, name)
      }
      const inside = record({ name: 'a', type: named }, { name: 'b', type: name })
      const type = RecordType.of<Fields>({ ...inside, namespace: 'plant' })
      expect(type.encode({ a: {}, b: {} })).to.have.length(0)
      const bytes = RecordType.of<Buffer>({ type: 'bytes', logicalType: name })
      expect(bytes.decode(Buffer.of(2, 1))).to.deep.equal(Buffer.of(1))
    })
  }
})
