import { expect } from 'chai'
import { RecordType, SchemaError } from 'millrace'

type Json = string | object

/** The two schemas differ, as they would a day after: the reader has one field more. */
const written = (type: Json): RecordType<{ v: unknown }> =>
  RecordType.of<{ v: unknown }>({ type: 'record', name: 'R', fields: [{ name: 'v', type }] })
const read = (type: Json, long: 'number' | 'bigint' = 'number'): RecordType<{ v: unknown }> =>
  RecordType.of<{ v: unknown }>(
    {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'v', type },
        { name: 'added', type: 'int', default: 0 }
      ]
    },
    { long }
  )

function through(writer: Json, value: unknown, reader: Json = writer): unknown {
  const type = written(writer)
  return plain(read(reader).decode(type.encode({ v: value }), { writer: type as RecordType }).v)
}

/** Without prototypes: a branch that is named is of a class of its own. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}

const record = (name: string, fields: readonly object[] = [{ name: 'x', type: 'int' }], more = {}): object => ({
  type: 'record',
  name,
  fields,
  ...more
})
const fixed = (name: string): object => ({ type: 'fixed', name, size: 2 })
const enumOf = (name: string): object => ({ type: 'enum', name, symbols: ['a', 'b'] })
const decimal = (precision: number, more: object = { type: 'bytes' }): object => ({
  ...more,
  logicalType: 'decimal',
  precision,
  scale: 2
})

/** Two branches, and a value of each: by its name where the two have the same sort. */
const pairs: readonly [Json, unknown, Json, unknown][] = [
  ['int', { int: 16_777_217 }, 'long', { long: 5 }],
  ['int', { int: 16_777_217 }, 'float', { float: 0.5 }],
  ['int', { int: 5 }, 'double', { double: 0.1 }],
  ['long', { long: 123_456_789_012 }, 'float', { float: 0.5 }],
  ['long', { long: 5 }, 'double', { double: 0.1 }],
  ['float', { float: 0.5 }, 'double', { double: 0.1 }],
  ['bytes', Buffer.from([0xff]), 'string', 'hello'],
  [record('A'), { A: { x: 1 } }, record('B'), { B: { x: 2 } }],
  [record('n1.A'), { 'n1.A': { x: 1 } }, record('n2.A'), { 'n2.A': { x: 2 } }],
  [record('A'), { A: { x: 1 } }, record('B', undefined, { aliases: ['A'] }), { B: { x: 2 } }],
  [record('A'), { A: { x: 1 } }, { type: 'map', values: 'int' }, { map: { x: 2 } }],
  [enumOf('E'), { E: 'b' }, { ...enumOf('F'), aliases: ['E'] }, { F: 'a' }],
  [enumOf('E'), { E: 'b' }, 'string', { string: 'b' }],
  [fixed('F'), { F: Buffer.from('ab') }, { ...fixed('G'), aliases: ['F'] }, { G: Buffer.from('cd') }],
  [fixed('F'), { F: Buffer.from('ab') }, 'bytes', { bytes: Buffer.from('cd') }],
  [decimal(5), { bytes: '1.50' }, 'string', { string: '1.50' }],
  [decimal(5), '1.50', { type: 'array', items: 'string' }, ['1.50']],
  [decimal(5, fixed('D')), '1.50', 'bytes', Buffer.from([1])]
]

/** How a union can stand in a schema, and its value in a value. */
const places: Readonly<Record<string, [type: (union: Json) => Json, value: (one: unknown) => unknown]>> = {
  'a field': [union => union, one => one],
  'an array': [items => ({ type: 'array', items }), one => [one, one]],
  'a map': [values => ({ type: 'map', values }), one => ({ key: one })],
  'a record': [union => record('Inner', [{ name: 'u', type: union }]), u => ({ u })],
  'a record of a union': [union => ['null', record('Inner', [{ name: 'u', type: union }])], u => ({ u })]
}

describe('resolution of unions', () => {
  for (const [place, [typeAt, valueAt]] of Object.entries(places)) {
    it(`gives each value the branch that it was written with, where the union is the same: in ${place}`, () => {
      for (const [one, oneValue, other, otherValue] of pairs) {
        for (const union of [
          [one, other],
          [other, one],
          ['null', one, other],
          [other, 'boolean', one]
        ]) {
          for (const value of [oneValue, otherValue]) {
            const given = through(typeAt(union), valueAt(value))
            expect(given, JSON.stringify(union)).to.deep.equal(valueAt(value))
          }
        }
      }
    })
  }

  it('finds the branch of the same type wherever it stands in the union of the reader', () => {
    const kinds = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']
    const values = { boolean: true, int: 7, long: 7, float: 7, double: 7, bytes: Buffer.from('7'), string: '7' }
    for (let turn = 0; turn < kinds.length; turn++) {
      const reader = [...kinds.slice(turn), ...kinds.slice(0, turn)]
      for (const writer of [kinds, [...kinds].reverse()]) {
        for (const [kind, value] of Object.entries(values)) {
          expect(through(writer, { [kind]: value }, reader), reader.join()).to.deep.equal({ [kind]: value })
        }
        expect(through(writer, null, reader)).to.equal(null)
      }
    }
  })

  it('finds it for what stood in no union when it was written', () => {
    expect(through('int', 16_777_217, ['float', 'double', 'long', 'int'])).to.deep.equal({ int: 16_777_217 })
    expect(through('string', 'text', ['bytes', 'string'])).to.equal('text')
    expect(through(record('B'), { x: 1 }, [record('A', undefined, { aliases: ['B'] }), record('B')])).to.deep.equal({
      B: { x: 1 }
    })
    expect(through(decimal(5), '1.50', ['string', decimal(5)])).to.deep.equal({ bytes: '1.50' })
  })

  it('takes the first branch that it can be read as where none is of its type', () => {
    expect(through('int', 5, ['string', 'double', 'long'])).to.deep.equal({ double: 5 })
    expect(through(['int', 'string'], 5, ['bytes', 'float'])).to.equal(5)
    expect(through(['int', 'string'], 'text', ['bytes', 'float'])).to.deep.equal(Buffer.from('text'))
    expect(through(record('Old'), { x: 1 }, [record('A'), record('B', undefined, { aliases: ['Old'] })])).to.deep.equal(
      {
        B: { x: 1 }
      }
    )
  })

  it('reads longs as bigints beside doubles', () => {
    const type = written(['double', 'long'])
    const body = type.encode({ v: { long: 5 } })
    expect(read(['double', 'long'], 'bigint').decode(body, { writer: type as RecordType }).v).to.equal(5n)
  })

  it('reads a record that names itself in a union, and each of its branches', () => {
    const node = record('Node', [
      { name: 'v', type: ['bytes', 'string'] },
      { name: 'next', type: ['null', 'Node'] }
    ])
    const list = { v: 'a', next: { v: Buffer.from('b'), next: { v: 'c', next: null } } }
    expect(through(node, list)).to.deep.equal(list)
  })

  it('reads a record again and again by another branch when the one of its name cannot read it', () => {
    const text = record('A', [{ name: 'x', type: 'string' }])
    const writer = record('Two', [
      { name: 'one', type: text },
      { name: 'two', type: 'A' }
    ])
    const union = [record('A'), record('B', [{ name: 'x', type: 'string' }], { aliases: ['A'] })]
    const reader = record('Two', [
      { name: 'one', type: union },
      { name: 'two', type: ['A', 'B'] }
    ])
    const value = { one: { x: 'a' }, two: { x: 'b' } }
    expect(through(writer, value, reader)).to.deep.equal({ one: { B: { x: 'a' } }, two: { B: { x: 'b' } } })
  })

  it('refuses deep unions of records that cannot be resolved at once', function () {
    this.timeout(5000)
    const chain = (branch: (depth: number) => Json, depth = 0): Json => (depth > 40 ? 'int' : branch(depth))
    const writer = chain(function next(depth): Json {
      return record(`W${depth}`, [{ name: 'f', type: chain(next, depth + 1) }])
    })
    const named = new Set<string>()
    const reader = chain(function next(depth): Json {
      const one = (name: string): Json => {
        if (named.has(name)) return name
        named.add(name)
        const type = depth === 40 ? 'string' : next(depth + 1)
        return record(name, [{ name: 'f', type }], { aliases: [`W${depth}`] })
      }
      return [one(`A${depth}`), one(`B${depth}`)]
    })
    const body = Buffer.from('02', 'hex')
    expect(() => RecordType.of(reader).decode(body, { writer })).to.throw(SchemaError)
  })

  it('still refuses a branch that no branch of the reader can read', () => {
    for (const [writer, value, reader] of [
      [['int', 'string'], 5, ['int', 'null']],
      ['string', 'text', ['int', 'null']],
      [[record('A')], { x: 1 }, [record('B')]],
      [decimal(5), '1.50', ['null', decimal(6)]]
    ] as const) {
      expect(() => through(writer, value, reader))
        .to.throw(SchemaError)
        .with.property('code', 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE')
    }
  })
})
