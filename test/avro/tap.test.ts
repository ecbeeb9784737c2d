import { expect } from 'chai'
import fc from 'fast-check'
import { RecordType } from 'millrace'
import { ExactTap } from '../../lib/avro/tap.js'

/** Avro's zig-zag varint, by the specification and in BigInt throughout. */
function varint(value: number): string {
  const long = BigInt(value)
  let zigzag = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n))
  const bytes: number[] = []
  for (; zigzag > 0x7fn; zigzag >>= 7n) bytes.push(Number(zigzag & 0x7fn) | 0x80)
  bytes.push(Number(zigzag))
  return Buffer.from(bytes).toString('hex')
}

function written(value: number): Buffer {
  const tap = new ExactTap(Buffer.alloc(16), 0)
  tap.writeLong(value)
  return tap.buf.subarray(0, tap.pos)
}

function expectExact(value: number): void {
  const bytes = written(value)
  expect(bytes.toString('hex'), `bytes of ${value}`).to.equal(varint(value))
  // Followed by bytes that would go on, to see that exactly its own are read.
  const tap = new ExactTap(Buffer.concat([Buffer.from([0xff]), bytes, Buffer.from([0xff, 0xff])]), 1)
  expect(tap.readLong(), bytes.toString('hex')).to.equal(value)
  expect(tap.pos, `end of ${value}`).to.equal(1 + bytes.length)
}

const nearPowers = Array.from({ length: 54 }, (_, k) => 2 ** k)
  .flatMap(power => [-3, -2, -1, 0, 1, 2, 3].map(distance => power + distance))
  .flatMap(value => [value, value === 0 ? 0 : -value])
  .filter(Number.isSafeInteger)

describe('ExactTap', () => {
  it('writes and reads every long around a power of two exactly', () => {
    for (const value of nearPowers) expectExact(value)
  })

  it('writes and reads any safe integer exactly', () => {
    const long = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(...nearPowers))
    fc.assert(fc.property(long, expectExact), { numRuns: 3000 })
  })

  it('writes and reads ints as it does longs', () => {
    for (const value of [0, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      const tap = new ExactTap(Buffer.alloc(16), 0)
      tap.writeInt(value)
      expect(tap.buf.toString('hex', 0, tap.pos)).to.equal(varint(value))
      tap.pos = 0
      expect(tap.readInt()).to.equal(value)
    }
  })

  it('reads a long that no number can hold as one that is not safe, never as another safe one', () => {
    for (const value of [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n + 1n, -(2n ** 63n)]) {
      let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
      const bytes: number[] = []
      for (; zigzag > 0x7fn; zigzag >>= 7n) bytes.push(Number(zigzag & 0x7fn) | 0x80)
      const read = new ExactTap(Buffer.from([...bytes, Number(zigzag)]), 0).readLong()
      expect(Number.isSafeInteger(read), `${value} came out as ${read}`).to.equal(false)
    }
  })

  it('ends where the input ends in the middle of a long, and its position tells', () => {
    for (const [value] of [[64], [2 ** 30], [2 ** 52 + 1], [-(2 ** 52) - 1], [Number.MAX_SAFE_INTEGER]] as const) {
      const whole = written(value)
      for (let length = 0; length < whole.length; length++) {
        const tap = new ExactTap(whole.subarray(0, length), 0)
        tap.readLong()
        expect(tap.pos, `${value} cut to ${length} bytes`).to.be.greaterThan(length)
        expect(tap.isValid()).to.equal(false)
      }
    }
  })

  it('ends on bytes that all say that the long goes on', () => {
    const tap = new ExactTap(Buffer.alloc(64, 0xff), 0)
    tap.readLong()
    expect(tap.isValid()).to.equal(false)
  })

  it('writes nothing behind the end of its buffer, and its position tells what it would have needed', () => {
    for (const value of [2 ** 40, -(2 ** 52) - 1]) {
      const memory = Buffer.alloc(16, 0xaa)
      const tap = new ExactTap(memory.subarray(0, 4), 2)
      tap.writeLong(value)
      expect(tap.pos).to.equal(2 + varint(value).length / 2)
      expect(tap.isValid()).to.equal(false)
      expect(memory.subarray(4)).to.deep.equal(Buffer.alloc(12, 0xaa))
    }
  })
})

describe('the longs of a record', () => {
  const type = RecordType.of<object>({
    type: 'record',
    name: 'Longs',
    fields: [
      { name: 'plain', type: 'long' },
      { name: 'maybe', type: ['null', 'long'] },
      { name: 'branch', type: ['null', 'long', 'double'] },
      { name: 'inner', type: { type: 'record', name: 'Inner', fields: [{ name: 'v', type: 'long' }] } },
      { name: 'list', type: { type: 'array', items: 'long' } },
      { name: 'map', type: { type: 'map', values: ['null', 'long'] } }
    ]
  })
  // Without ±(2^53 - 1), which may be refused.
  const inside = (value: number): boolean => Math.abs(value) < Number.MAX_SAFE_INTEGER
  const long = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...nearPowers)).filter(inside)

  it('C35: are exact wherever they stand: nested, in unions, lists and maps', () => {
    const property = fc.property(fc.array(long, { minLength: 6, maxLength: 6 }), values => {
      const [plain, maybe, branch, v, item, entry] = values as [number, number, number, number, number, number]
      const record = { plain, maybe, branch: { long: branch }, inner: { v }, list: [item, item], map: { k: entry } }
      const encoded = type.encode(record)
      const list = `04${varint(item)}${varint(item)}00`
      const map = `02026b02${varint(entry)}00`
      expect(encoded.toString('hex')).to.equal(
        `${varint(plain)}02${varint(maybe)}02${varint(branch)}${varint(v)}${list}${map}`
      )
      // As JSON, since the object that names a branch has a prototype of its own.
      expect(JSON.stringify(type.decode(encoded))).to.equal(JSON.stringify(record))
    })
    fc.assert(property, { numRuns: 500, examples: [[nearPowers.filter(inside).slice(-6)]] })
  })

  it('C35: are never another number when they are cut off', () => {
    const encoded = RecordType.of<number>('"long"').encode(-(2 ** 52) - 1)
    for (let length = 0; length < encoded.length; length++) {
      expect(() => RecordType.of('"long"').decode(encoded.subarray(0, length)), `cut to ${length} bytes`).to.throw(
        'cut short'
      )
    }
  })
})
