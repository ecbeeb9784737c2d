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

interface AvscTap {
  buf: Buffer
  pos: number
  readLong(): number
  readInt(): number
  readBoolean(): boolean
  readFloat(): number
  readDouble(): number
  readFixed(length: number): Buffer
  readBytes(): Buffer
  readString(): string
  skipLong(): void
  skipInt(): void
  skipBoolean(): void
  skipFloat(): void
  skipDouble(): void
  skipFixed(length: number): void
  skipBytes(): void
  skipString(): void
  writeLong(value: number): void
  writeInt(value: number): void
  writeFixed(bytes: Buffer, length?: number): void
  isValid(): boolean
}

const BaseTap = (utils as { Tap: new (buffer: Buffer, position?: number) => AvscTap }).Tap

const LOWEST_EXACT = -(2 ** 52)
const END = 'it is cut short'
/** Of a long of 64 bits, seven in each byte. */
const LONGEST_VARINT = 10

/** Bytes that another thread could change between the check of their length and the copy. */
export class SharedBytesError extends TypeError {
  constructor() {
    super('bytes in a SharedArrayBuffer are not accepted: copy them first')
  }
}

/** A position in a buffer that avsc's types read from and write to. One serves a whole batch. */
export class ExactTap extends BaseTap {
  #limit = Infinity
  #highest = 0

  /**
   * Begins to read a record that ends at `end`. Each read that goes past it throws: avsc itself reads on into whatever
   * comes next, and a length made of it can keep it busy for minutes. So does one that goes back, as a block of
   * negative size makes avsc do, for ever.
   */
  beginRecord(end: number): void {
    this.#limit = end
    this.#highest = this.pos
  }

  override readLong(): number {
    const start = this.pos
    const value = super.readLong()
    if (this.pos > this.#limit) throw new RangeError(END)
    if (start < this.#highest) throw new RangeError('a block of it has a negative size')
    if (this.pos - start > LONGEST_VARINT) throw new RangeError('a number of it has more than 64 bits')
    this.#highest = this.pos
    return value > LOWEST_EXACT && value < -LOWEST_EXACT ? value : this.#readExactly(start)
  }

  override writeLong(value: number): void {
    if (value >= LOWEST_EXACT) super.writeLong(value)
    else this.#writeExactly(value)
  }

  override readInt(): number {
    const value = this.readLong()
    if (value !== (value | 0)) throw new RangeError(`${value} is no int of 32 bits`)
    return value
  }

  override readBoolean(): boolean {
    return this.#within(super.readBoolean())
  }

  override readFloat(): number {
    return this.#within(super.readFloat())
  }

  override readDouble(): number {
    return this.#within(super.readDouble())
  }

  override readFixed(length: number): Buffer {
    return this.#within(super.readFixed(length))
  }

  override readBytes(): Buffer {
    return this.#within(super.readBytes())
  }

  override readString(): string {
    return this.#within(super.readString())
  }

  override skipLong(): void {
    this.#within(super.skipLong())
  }

  override skipInt(): void {
    this.#within(super.skipInt())
  }

  override skipBoolean(): void {
    this.#within(super.skipBoolean())
  }

  override skipFloat(): void {
    this.#within(super.skipFloat())
  }

  override skipDouble(): void {
    this.#within(super.skipDouble())
  }

  override skipFixed(length: number): void {
    this.#within(super.skipFixed(length))
  }

  override skipBytes(): void {
    this.#within(super.skipBytes())
  }

  override skipString(): void {
    this.#within(super.skipString())
  }

  override writeInt(value: number): void {
    this.writeLong(value)
  }

  override writeFixed(bytes: Buffer, length?: number): void {
    if (bytes.buffer instanceof SharedArrayBuffer) throw new SharedBytesError()
    super.writeFixed(bytes, length)
  }

  #within<Value>(value: Value): Value {
    if (this.pos > this.#limit) throw new RangeError(END)
    return value
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
