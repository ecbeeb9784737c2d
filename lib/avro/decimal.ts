/**
 * Avro's logical type decimal as a text: `'12.50'`, with as many digits behind the point as its scale. A number would
 * not hold 38 digits, and not even 0.1. A value with more digits than precision or scale allow is refused, not rounded.
 */
import avsc from 'avsc'
import type { AvscType } from './avsc-type.js'

interface DecimalSchema {
  readonly precision: number
  readonly scale?: number
}

interface AvscLogicalType extends AvscType {
  readonly underlyingType: AvscType & { readonly size?: number }
}

const LogicalType = avsc.types.LogicalType as unknown as new (schema: object, options: object) => AvscLogicalType

/**
 * Far beyond what databases have (PostgreSQL's numeric: 1,000), and still a matter of microseconds. The cost of computing with
 * a number grows faster than its digits: with ten million of them, a value of a few bytes takes seconds.
 */
const LARGEST_PRECISION = 10_000

/** @throws Error for a decimal that is valid Avro, but larger than what is computed with here */
export function checkPrecision(schema: { type?: unknown; logicalType?: unknown; precision?: unknown }): void {
  const { type, logicalType, precision } = schema
  if (logicalType !== 'decimal' || (type !== 'bytes' && type !== 'fixed')) return
  if (!Number.isInteger(precision) || (precision as number) <= LARGEST_PRECISION) return
  throw new Error(`the precision of a decimal is at most ${LARGEST_PRECISION} here, not ${String(precision)}`)
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/

export class DecimalType extends LogicalType {
  readonly precision: number
  readonly scale: number
  /** Of a fixed, -1 for bytes. */
  readonly #size: number
  /** The least number of one digit too many. */
  readonly #bound: bigint

  /** @throws Error when the schema has no sound precision and scale: avsc then ignores that it is a decimal */
  constructor(schema: DecimalSchema, options: object) {
    super(schema, options)
    const { precision, scale = 0 } = schema
    const { typeName, size = -1 } = this.underlyingType
    if (typeName !== 'bytes' && typeName !== 'fixed') throw new Error(`a decimal is bytes or fixed, not ${typeName}`)
    if (!Number.isInteger(precision) || precision < 1) throw new Error('the precision of a decimal is from 1')
    if (!Number.isInteger(scale) || scale < 0 || scale > precision)
      throw new Error('a scale is from 0 to the precision')
    this.precision = precision
    this.scale = scale
    this.#size = size
    this.#bound = 10n ** BigInt(precision)
  }

  /** @throws RangeError for more digits than the precision allows, which could not be written either */
  _fromValue(bytes: Buffer): string {
    const unscaled = fromTwosComplement(bytes)
    const magnitude = unscaled < 0n ? -unscaled : unscaled
    if (magnitude >= this.#bound) {
      throw new RangeError(`a decimal has more than the ${this.precision} digits of its precision`)
    }
    const sign = unscaled < 0n ? '-' : ''
    const digits = String(magnitude).padStart(this.scale + 1, '0')
    if (this.scale === 0) return sign + digits
    return `${sign}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`
  }

  /** @returns undefined for what is no decimal of this precision and scale */
  _toValue(value: unknown): Buffer | undefined {
    const parts = typeof value === 'string' ? DECIMAL.exec(value) : null
    if (!parts) return undefined
    const [, sign, whole = '', fraction = ''] = parts
    if (fraction.length > this.scale || whole.length + fraction.length > 2 * this.precision + 2) return undefined
    const digits = BigInt(whole + fraction.padEnd(this.scale, '0'))
    if (digits >= this.#bound) return undefined
    return toTwosComplement(sign === '-' ? -digits : digits, this.#size)
  }

  /** What reads values of another type as this one, for avsc: the same decimal, or bytes that are no decimal. */
  _resolve(writer: AvscType): ((value: Buffer | string) => string) | undefined {
    if (writer instanceof DecimalType) {
      return writer.precision === this.precision && writer.scale === this.scale ? String : undefined
    }
    if (writer.typeName !== this.underlyingType.typeName) return undefined
    return value => this._fromValue(value as Buffer)
  }

  _export(schema: { precision: number; scale: number }): void {
    schema.precision = this.precision
    schema.scale = this.scale
  }
}

function fromTwosComplement(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString('hex')}`))
}

/** Big-endian; of `size` bytes, or of as few as it takes for -1. Undefined when it does not fit. */
function toTwosComplement(value: bigint, size: number): Buffer | undefined {
  // One bit more than the magnitude has, for the sign.
  const magnitude = value < 0n ? -value - 1n : value
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
  const least = Math.floor(bits / 8) + 1
  const length = size < 0 ? least : size
  if (length < least) return undefined
  return Buffer.from(
    BigInt.asUintN(8 * length, value)
      .toString(16)
      .padStart(2 * length, '0'),
    'hex'
  )
}
