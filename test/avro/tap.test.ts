import { expect } from 'chai'
import fc from 'fast-check'
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
