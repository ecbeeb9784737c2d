import { expect } from 'chai'
import fc from 'fast-check'
import { RecordError, RecordType } from 'millrace'

const record = (...fields: readonly object[]): object => ({ type: 'record', name: 'R', fields })

function refusal(type: RecordType, value: unknown): RecordError {
  try {
    type.encode(value)
  } catch (error) {
    expect(error).to.be.instanceOf(RecordError)
    return error as RecordError
  }
  throw new Error('it was accepted')
}

describe('texts', () => {
  const type = RecordType.of<string>('"string"')

  it('C41: with half of a surrogate pair are refused, whatever their length', () => {
    for (const length of [0, 1, 30, 31, 32, 62, 63, 64, 65, 1000]) {
      for (const half of ['\ud800', '\udfff', '\udc00\ud800']) {
        const filler = 'x'.repeat(length)
        for (const text of [half + filler, filler + half, `${filler}${half}${filler}`]) {
          expect(refusal(type as RecordType, text).message).to.contain('surrogate')
        }
      }
    }
  })

  it('C41: of every other kind come back as they were', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 })
    fc.assert(
      fc.property(text, value => {
        expect(type.decode(type.encode(value))).to.equal(value)
      })
    )
    for (let length = 0; length < 70; length++) {
      for (const character of ['a', '\0', '\ufeff', 'ü', '€', '𐍈']) {
        expect(type.decode(type.encode(character.repeat(length)))).to.equal(character.repeat(length))
      }
    }
  })

  it('C46: are named with their place, as map keys and in unions too', () => {
    const map = { type: 'map', values: 'int' }
    const nested = RecordType.of(
      record(
        { name: 'list', type: { type: 'array', items: ['null', 'string'] }, default: [] },
        { name: 'map', type: map, default: {} },
        { name: 'two', type: ['string', { type: 'enum', name: 'E', symbols: ['A'] }], default: '' }
      )
    )
    expect(refusal(nested, { list: ['a', null, '\ud800'] })).to.include({ path: '/list/2', value: '\ud800' })
    expect(refusal(nested, { map: { 'a\ud800': 1 } })).to.include({ path: '/map', value: 'a\ud800' })
    expect(refusal(nested, { two: { string: '\ud800' } })).to.include({ path: '/two/string', value: '\ud800' })
  })
})

describe('floats', () => {
  const type = RecordType.of<number>('"float"')

  it('beyond the range of a float are refused, and not written as Infinity', () => {
    for (const value of [1e39, -1e39, Number.MAX_VALUE]) {
      expect(refusal(type as RecordType, value).message).to.contain('float')
    }
  })

  it('are rounded to the nearest float; infinite ones and NaN stay what they are', () => {
    for (const value of [0.1, 3.4e38, 1e-50, -0, Infinity, -Infinity, NaN]) {
      expect(type.decode(type.encode(value))).to.deep.equal(Math.fround(value))
    }
  })
})

describe('maps and records', () => {
  const map = RecordType.of<Record<string, number>>({ type: 'map', values: 'int' })
  const defaults = RecordType.of<object>(record({ name: 'n', type: 'int', default: 7 }))

  it('are objects of fields: no Map, Set, Date, array, bytes or promise is written as an empty one', () => {
    const others = [new Map([['a', 1]]), new Set([1]), new Date(), [], [1], Buffer.from([1]), Promise.resolve(), /x/]
    for (const value of [...others, new Error('e'), 5, 'x', null, undefined, true]) {
      for (const type of [map, defaults] as RecordType[]) {
        expect(refusal(type, value)).to.include({ path: '', value })
      }
    }
  })

  it('may be instances of classes, or without a prototype', () => {
    class Reading {
      n = 1
    }
    for (const value of [
      new Reading(),
      Object.assign(Object.create(null) as object, { n: 1 }),
      Object.create({ n: 1 })
    ]) {
      expect(defaults.encode(value as object).toString('hex')).to.equal('02')
    }
    expect(map.encode(Object.assign(Object.create(null) as object, { a: 1 })).toString('hex')).to.equal('0202610200')
  })

  it('an entry named __proto__ is an entry like any other, and changes no prototype', () => {
    const body = map.encode(JSON.parse('{"a":1,"__proto__":2,"constructor":3}') as Record<string, number>)
    const read = map.decode(body)
    expect(Object.keys(read)).to.deep.equal(['a', '__proto__', 'constructor'])
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype)
    expect(map.encode(read)).to.deep.equal(body)
    const ofMaps = RecordType.of<Record<string, object>>({ type: 'map', values: { type: 'map', values: 'int' } })
    const polluted = ofMaps.decode(ofMaps.encode(JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, object>))
    expect(({} as { polluted?: number }).polluted).to.equal(undefined)
    expect((polluted as { polluted?: number }).polluted).to.equal(undefined)
  })

  it('are read from several blocks, with and without their size', () => {
    const read = map.decode(Buffer.from('02026102 0106026204 00'.replaceAll(' ', ''), 'hex'))
    expect(read).to.deep.equal({ a: 1, b: 2 })
  })

  it('an entry named __proto__ survives another schema of the reader', () => {
    const wider = RecordType.of<Record<string, number>>({ type: 'map', values: 'long' })
    const body = map.encode(JSON.parse('{"__proto__":2}') as Record<string, number>)
    expect(Object.entries(wider.decode(body, { writer: map as RecordType }))).to.deep.equal([['__proto__', 2]])
  })

  it('an entry named __proto__ in a default is an entry of it, also where defaults are nested', () => {
    const schema = (name: string, type: string, value: string): string =>
      `{"type":"record","name":"R","fields":[{"name":"${name}","type":${type},"default":${value}}]}`
    const ints = '{"type":"map","values":"int"}'
    for (const [type, value] of [
      [ints, '{"a":1,"__proto__":2}'],
      [`[${ints},"null"]`, '{"__proto__":2}'],
      [`{"type":"map","values":${ints}}`, '{"__proto__":{"__proto__":3}}'],
      [`{"type":"array","items":${ints}}`, '[{"__proto__":4}]']
    ] as const) {
      const records = RecordType.of<{ m: object }>(schema('m', type, value))
      const { m } = records.decode(records.encode({} as { m: object }))
      expect(JSON.stringify(m), type).to.equal(value)
      const writer = { type: 'record', name: 'R', fields: [] }
      expect(JSON.stringify(records.decode(Buffer.alloc(0), { writer }).m), type).to.equal(value)
    }
  })

  it('a field cannot be named __proto__', () => {
    expect(() => RecordType.of(record({ name: '__proto__', type: 'int' }))).to.throw('__proto__')
  })
})

describe("RecordType.of(schema, { long: 'bigint' })", () => {
  const type = RecordType.of<bigint>('"long"', { long: 'bigint' })

  it('C35: takes and gives every long of 64 bits exactly', () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(long, value => {
        expect(type.decode(type.encode(value))).to.equal(value)
      })
    )
    for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) {
      expect(type.decode(type.encode(value))).to.equal(value)
    }
  })

  it('writes the same bytes as numbers do', () => {
    const numbers = RecordType.of<number>('"long"')
    for (const value of [0, 1, -1, 63, 64, -64, -65, 2 ** 31, -(2 ** 52) - 1, 2 ** 53 - 2]) {
      expect(type.encode(BigInt(value))).to.deep.equal(numbers.encode(value))
    }
    expect(type.fingerprint).to.equal(numbers.fingerprint)
  })

  it('refuses numbers, which may have been rounded, and what 64 bits do not hold', () => {
    for (const value of [1, 2n ** 63n, -(2n ** 63n) - 1n, '1', null]) refusal(type as RecordType, value)
  })

  it('holds where longs stand in unions, lists, maps, logical types and defaults', () => {
    const big = 2n ** 60n + 1n
    const nested = RecordType.of<object>(
      record(
        { name: 'maybe', type: ['null', 'long'] },
        { name: 'either', type: ['long', 'double', 'string'] },
        { name: 'list', type: { type: 'array', items: 'long' } },
        { name: 'map', type: { type: 'map', values: 'long' } },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
        { name: 'given', type: 'long', default: 7 }
      ),
      { long: 'bigint' }
    )
    const value = { maybe: big, either: -big, list: [big], map: { k: big }, at: big }
    const read = nested.decode(nested.encode(value))
    expect({ ...read }).to.deep.equal({ ...value, given: 7n })
    expect({ ...nested.decode(nested.encode({ ...value, either: 1.5 })) }).to.include({ either: 1.5 })
  })

  it('reads what was written as ints, and as longs by a schema of numbers', () => {
    expect(type.decode(Buffer.from('03', 'hex'), { writer: 'int' })).to.equal(-2n)
    expect(type.decode(type.encode(2n ** 60n), { writer: RecordType.of('"long"') })).to.equal(2n ** 60n)
  })

  it('refuses another form of longs by name', () => {
    expect(() => RecordType.of('"long"', { long: 'text' as 'number' })).to.throw(TypeError, 'long')
  })
})
