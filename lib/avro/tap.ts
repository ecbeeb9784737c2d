/**
 * Avro's primitive values in a buffer, exactly: avsc's own `Tap`, with the cure for its longs.
 *
 * avsc 5.7.9 computes longs in floating point and corrupts those below -2^52, silently and both ways
 * (-4503599627370497 comes back positive). This subclass takes avsc's answer wherever it is exact and computes the
 * rest in BigInt. It is handed to avsc's types instead of avsc's own, which stays as it is for the rest of the
 * process.
 */
// @ts-expect-error avsc publishes no types for this file
import utils from 'avsc/lib/utils.js'
import { bytesProblem, floatProblem, NotWritable, textProblem } from './unwritable.js'

interface AvscTap {
  buf: Buffer
  pos: number
  readLong(): number
  readInt(): number
  writeLong(value: number): void
  writeInt(value: number): void
  readString(): string
  readFixed(length: number): Buffer
  writeFixed(bytes: Buffer, length?: number): void
  writeFloat(value: number): void
  writeString(text: string): void
  isValid(): boolean
}

const BaseTap = (utils as { Tap: new (buffer: Buffer, position?: number) => AvscTap }).Tap

const LOWEST_EXACT = -(2 ** 52)

/** V8 keeps the bytes of an array up to this size with the object: quicker than a place in a pool, and nothing beside. */
const SMALL_BYTES = 64

/**
 * A position in a buffer that avsc's types read from and write to. One serves a whole batch. It checks nothing of what it
 * reads: that is done before, by a walker.
 */
export class ExactTap extends BaseTap {
  override readLong(): number {
    const start = this.pos
    const value = super.readLong()
    return value > LOWEST_EXACT && value < -LOWEST_EXACT ? value : this.#readExactly(start)
  }

  override writeLong(value: number): void {
    if (value >= LOWEST_EXACT) super.writeLong(value)
    else this.#writeExactly(value)
  }

  override readInt(): number {
    return this.readLong()
  }

  override writeInt(value: number): void {
    this.writeLong(value)
  }

  /** avsc has them share pools of 4 KB, which any that is kept keeps as a whole: not those for which that is most. */
  override readFixed(length: number): Buffer {
    if (length > SMALL_BYTES) return super.readFixed(length)
    const bytes = Buffer.allocUnsafeSlow(length)
    const { buf, pos } = this
    for (let i = 0; i < length; i++) bytes[i] = buf[pos + i] as number
    this.pos = pos + length
    return bytes
  }

  override writeFixed(bytes: Buffer, length?: number): void {
    refuse(bytesProblem(bytes))
    super.writeFixed(bytes, length)
  }

  override writeFloat(value: number): void {
    refuse(floatProblem(value))
    super.writeFloat(value)
  }

  override writeString(text: string): void {
    const start = this.pos
    super.writeString(text)
    // A short text of as many bytes as characters is ASCII: most are.
    if (this.pos - start > text.length + 1) refuse(textProblem(text))
  }

  #readExactly(start: number): number {
    let zigzag = 0n
    let shift = 0n
    let byte: number
    this.pos = start
    do {
      // Past the buffer's end this is undefined, whose bits are 0: the loop ends, and the caller sees the position.
      byte = this.buf[this.pos++] as number
      zigzag |= BigInt(byte & 0x7f) << shift
      shift += 7n
    } while (byte & 0x80)
    return Number((zigzag >> 1n) ^ -(zigzag & 1n))
  }

  #writeExactly(value: number): void {
    const long = BigInt(value)
    let zigzag = (long << 1n) ^ (long >> 63n)
    do {
      this.buf[this.pos++] = Number(zigzag & 0x7fn) | (zigzag > 0x7fn ? 0x80 : 0)
      zigzag >>= 7n
    } while (zigzag > 0n)
  }
}

function refuse(problem: string): void {
  if (problem !== '') throw new NotWritable(problem)
}
