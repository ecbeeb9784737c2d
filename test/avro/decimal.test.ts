import { expect } from 'chai'
import fc from 'fast-check'
import { RecordError, RecordType, SchemaError } from 'millrace'

const decimal = (precision: number, scale: number): object => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale
})
const fixed = (size: number, precision: number): object => ({
  type: 'fixed',
  name: 'F',
  size,
  logicalType: 'decimal',
  precision
})

describe('decimals', () => {
  const price = RecordType.of<string>(decimal(6, 2))

  it('C38: come out with as many digits behind the point as the scale has, whatever was written', () => {
    for (const [written, read] of [
      ['1', '1.00'],
      ['+1.5', '1.50'],
      ['-0.01', '-0.01'],
      ['-0', '0.00'],
      ['0007.1', '7.10'],
      ['9999.99', '9999.99']
    ] as const) {
      expect(price.decode(price.encode(written)), written).to.equal(read)
    }
    const whole = RecordType.of<string>(decimal(3, 0))
    expect(whole.decode(whole.encode('-12'))).to.equal('-12')
  })

  it('C38: are refused with more digits than precision or scale allow, never rounded', () => {
    for (const value of ['0.001', '1.000', '10000', '-10000.00', '99999.9', '1'.repeat(1000)]) {
      expect(() => price.encode(value), value).to.throw(RecordError, 'logicalType')
    }
  })

  it('are refused as anything but a text of digits', () => {
    for (const value of ['', '.', '1.', '.5', '1e3', '0x1', ' 1', '1,5', 'NaN', 1, 1n, null, Buffer.from([1])]) {
      expect(() => price.encode(value as string), String(value)).to.throw(RecordError)
    }
  })

  it('are the two’s complement of least length, as Java writes it', () => {
    const hex = (value: string): string => RecordType.of<string>(decimal(20, 0)).encode(value).toString('hex')
    expect(['0', '127', '128', '-1', '-128', '-129', '255', '256'].map(hex)).to.deep.equal([
      '0200',
      '027f',
      '040080',
      '02ff',
      '0280',
      '04ff7f',
      '0400ff',
      '040100'
    ])
  })

  it('come back as they went in, in bytes and in fixed', () => {
    const types = [RecordType.of<string>(decimal(30, 0)), RecordType.of<string>(fixed(13, 30))]
    const number = fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n })
    fc.assert(
      fc.property(number, value => {
        for (const type of types) expect(type.decode(type.encode(String(value)))).to.equal(String(value))
      })
    )
  })

  it('are refused where a fixed has no room for them', () => {
    const small = RecordType.of<string>(fixed(1, 3))
    expect(small.decode(small.encode('-128'))).to.equal('-128')
    for (const value of ['128', '-129']) expect(() => small.encode(value)).to.throw(RecordError)
  })

  it('reads bytes of any length as a number, none as 0', () => {
    expect(price.decode(Buffer.from('00', 'hex'))).to.equal('0.00')
    expect(price.decode(Buffer.from('08ffffff85', 'hex'))).to.equal('-1.23')
  })

  it('of more digits than the precision allows are undecodable: they could not be written again', () => {
    for (const hex of ['060f4240', '06f0bdc0']) {
      expect(() => price.decode(Buffer.from(hex, 'hex')), hex).to.throw('6 digits of its precision')
    }
    // Needless bytes in front, as a fixed has them, are no digits.
    expect(price.decode(Buffer.from('10ffffffffffffff00', 'hex'))).to.equal('-2.56')
  })

  it('with another scale is not read as this one: the number would be another', () => {
    const written = RecordType.of<string>(decimal(6, 3))
    expect(() => price.decode(written.encode('1.5'), { writer: written as RecordType })).to.throw(SchemaError)
    expect(price.decode(price.encode('1.5'), { writer: RecordType.of(decimal(6, 2)) })).to.equal('1.50')
  })

  it('reads plain bytes of a writer that knows no decimals', () => {
    const bytes = RecordType.of<Buffer>('"bytes"')
    expect(price.decode(bytes.encode(Buffer.from([0x7b])), { writer: bytes as RecordType })).to.equal('1.23')
  })

  it('are plain bytes where precision and scale make no sense, as the specification has it', () => {
    for (const schema of [decimal(0, 0), decimal(2, 3), decimal(2.5, 0), { type: 'bytes', logicalType: 'decimal' }]) {
      expect(RecordType.of<Buffer>(schema).decode(Buffer.from('0201', 'hex'))).to.deep.equal(Buffer.from([1]))
    }
  })

  it('of more than 10,000 digits are refused by name at once, in whatever they stand', () => {
    const start = performance.now()
    for (const precision of [10_001, 1e7, 1e9, 1e15]) {
      for (const schema of [decimal(precision, 0), decimal(precision, precision), fixed(8, precision)]) {
        for (const around of [schema, ['null', schema], { type: 'array', items: schema }]) {
          expect(() => RecordType.of(around))
            .to.throw(SchemaError, `at most 10000 here, not ${precision}`)
            .with.property('code', 'ERR_MILLRACE_SCHEMA_INVALID')
        }
      }
    }
    const largest = RecordType.of<string>(decimal(10_000, 10_000))
    const value = `-0.${'9'.repeat(10_000)}`
    expect(largest.decode(largest.encode(value))).to.equal(value)
    expect(performance.now() - start).to.be.lessThan(2000)
  })

  it('C37: beside texts in a union name their branch, and what was read can be written', () => {
    const type = RecordType.of(['null', 'string', decimal(6, 2)])
    for (const value of [{ string: '1.50' }, { bytes: '1.50' }, null]) {
      const read = type.decode(type.encode(value))
      expect(JSON.stringify(read)).to.equal(JSON.stringify(value))
      expect(type.encode(read)).to.deep.equal(type.encode(value))
    }
    expect(() => type.encode('1.50')).to.throw(RecordError)
  })
})
