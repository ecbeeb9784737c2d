import { expect } from 'chai'
import fc from 'fast-check'
import { RecordType, SchemaError } from 'millrace'

const record = (...fields: readonly object[]): object => ({ type: 'record', name: 'R', fields })
const float = RecordType.of<number>('"float"')
const read = (writer: RecordType, value: unknown): number => float.decode(writer.encode(value), { writer })

/** The nearest float, ties to the even one: found among the floats around it, in whole numbers. */
function nearest(long: bigint): number {
  const near = Math.fround(Number(long))
  const bits = new Uint32Array(Float32Array.of(near).buffer)[0] as number
  const around = [bits - 1, bits, bits + 1].map(each => new Float32Array(Uint32Array.of(each).buffer)[0] as number)
  const distance = (number: number): bigint => {
    const difference = BigInt(number) - long
    return difference < 0n ? -difference : difference
  }
  const isEven = (number: number): boolean => (new Uint32Array(Float32Array.of(number).buffer)[0] as number) % 2 === 0
  return around.filter(Number.isInteger).reduce((best, number) => {
    const [one, other] = [distance(number), distance(best)]
    return one < other || (one === other && isEven(number)) ? number : best
  })
}

describe('floats that were something else', () => {
  it('C44: ints and longs become the nearest float, as a float written and read would be', () => {
    for (const writer of ['"int"', '"long"'].map(schema => RecordType.of(schema))) {
      for (const value of [16_777_217, -16_777_217, 2 ** 31 - 1, -(2 ** 31), 5, 0]) {
        expect(read(writer, value), `${String(writer)} ${value}`).to.equal(Math.fround(value))
        expect(float.decode(float.encode(value))).to.equal(read(writer, value))
      }
    }
    for (const value of [2 ** 53 - 2, -(2 ** 53) + 2]) {
      expect(read(RecordType.of('"long"'), value)).to.equal(Math.fround(value))
    }
  })

  it('C44: also in unions, arrays, maps and fields', () => {
    const of = (type: string): RecordType =>
      RecordType.of(
        record(
          { name: 'u', type: ['null', type] },
          { name: 'a', type: { type: 'array', items: type } },
          { name: 'm', type: { type: 'map', values: type } }
        )
      )
    const writer = of('int')
    const body = writer.encode({ u: 16_777_217, a: [16_777_217], m: { k: 16_777_217 } })
    const value = of('float').decode(body, { writer })
    expect({ ...(value as object) }).to.deep.equal({ u: 16_777_216, a: [16_777_216], m: { k: 16_777_216 } })
  })

  it('C44: longs of 64 bits are rounded once, not to a double first', () => {
    const [writer, reader] = [
      RecordType.of<bigint>('"long"', { long: 'bigint' }),
      RecordType.of<number>('"float"', { long: 'bigint' })
    ]
    const check = (long: bigint): void => {
      const read = reader.decode(writer.encode(long), { writer: writer as RecordType })
      expect(read, String(long)).to.equal(nearest(long))
    }
    // Just beyond the middle of two floats, where the nearest double is the middle itself.
    check(2n ** 60n + 2n ** 36n + 1n)
    check(-(2n ** 60n) - 2n ** 36n - 1n)
    for (const long of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 2n ** 60n + 2n ** 36n]) check(long)
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), check))
  })

  it('a default is the nearest float, and one beyond the range of floats no default', () => {
    const reader = RecordType.of<{ f: number }>(record({ name: 'f', type: 'float', default: 0.1 }))
    expect(reader.decode(Buffer.alloc(0), { writer: record() })).to.deep.equal({ f: Math.fround(0.1) })
    expect(reader.decode(reader.encode({} as { f: number }))).to.deep.equal({ f: Math.fround(0.1) })
    expect(() => RecordType.of(record({ name: 'f', type: 'float', default: 1e39 }))).to.throw(SchemaError, 'float')
  })
})
