import { expect } from 'chai'
import fc from 'fast-check'
import { MillraceError, RecordType, type Schema } from 'millrace'
import { parseSchema } from '../../lib/avro/avsc-type.js'
import { type RecordLimits, Walker } from '../../lib/avro/walker.js'
import { fixture, goldenCases, schemaText, slabOf } from '../support/fixtures.js'

const NO_HEADER = Buffer.alloc(0)

/** Why a body is unsound; empty when it is sound. */
function problem(schema: Schema, hex: string, limits: RecordLimits = {}): string {
  const body = Buffer.from(hex, 'hex')
  const walker = new Walker(parseSchema(schema), 'number', limits)
  const { ends, count } = slabOf(body)
  const stopped = walker.walk(body, ends, new Uint8Array(1), 0, count, NO_HEADER)
  return stopped === count ? '' : walker.problem(body.length)
}

const record = (...types: readonly unknown[]): object => ({
  type: 'record',
  name: 'R',
  fields: types.map((type, i) => ({ name: `f${i}`, type }))
})
const array = (items: unknown): object => ({ type: 'array', items })
const map = (values: unknown): object => ({ type: 'map', values })

describe('Walker', () => {
  for (const { id, schema, hex } of goldenCases()) {
    // The outermost longs are refused by avsc both ways.
    if (hex.includes('ffffffffffff1f')) continue
    it(`walks golden records to their end, and no further: ${id}`, () => {
      const text = schemaText(schema)
      expect(problem(text, hex)).to.equal('')
      expect(problem(text, `${hex}00`)).to.equal('1 bytes are left over')
      for (let length = 0; length < hex.length; length += 2) {
        expect(problem(text, hex.slice(0, length)), `cut to ${length / 2} bytes`).to.not.equal('')
      }
    })
  }

  const sound: [string, Schema, string][] = [
    ['null', 'null', ''],
    ['an int of 32 bits', 'int', 'feffffff0f'],
    ['the lowest int', 'int', 'ffffffff0f'],
    ['the largest safe long', 'long', 'fcffffffffffff1f'],
    ['a long with needless bytes', 'long', '8000'],
    ['a boolean', 'boolean', '01'],
    ['a float', 'float', '00000000'],
    ['a double', 'double', '0000000000000000'],
    ['a fixed of no bytes', { type: 'fixed', name: 'F', size: 0 }, ''],
    ['an array of several blocks', array('int'), '0202040204 00'.replaceAll(' ', '')],
    ['a block that tells its size', array('int'), '0304020400'],
    ['a map', map('int'), '0202610200'],
    ['texts of one to four bytes a character', 'string', '1424c2a2e282acf0908d88'],
    ['the outermost characters', 'string', '18ed9fbfee8080f0908080f48fbfbf'.replace('18', '1c')]
  ]
  for (const [what, schema, hex] of sound) it(`takes ${what}`, () => expect(problem(schema, hex)).to.equal(''))

  const unsound: [string, Schema, string, RegExp][] = [
    ['a boolean of 2', 'boolean', '02', /boolean at byte 0/],
    ['an int of 33 bits', 'int', '8080808010', /more than 32 bits/],
    ['a long beyond the safe ones', 'long', 'feffffffffffff1f', /beyond ±\(2\^53 - 2\)/],
    ['a long of 65 bits', 'long', 'ffffffffffffffffff02', /more than 64 bits/],
    ['a long that never ends', 'long', 'ff'.repeat(20), /more than 64 bits/],
    ['a negative length', 'bytes', '01', /length that ends at byte 1 is negative/],
    ['a length of 2^40', 'string', '808080808040', /cut short/],
    ['a length of 2^62', 'bytes', '80808080808080808001', /cut short/],
    ['a symbol too many', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, '04', /not one of its enum/],
    ['a symbol below 0', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, '01', /not one of its enum/],
    ['a branch too many', ['null', 'int'], '04', /not one of its union/],
    ['a branch below 0', ['null', 'int'], '01', /not one of its union/],
    ['a block that is shorter than it says', array('int'), '030602040000', /another size/],
    ['a block that is longer than it says', array('int'), '0302020400', /another size/],
    ['a block of negative size', array('int'), '0301', /negative/],
    ['a block of a size beyond the record', array('int'), '03fe0f0204', /cut short/],
    ['a block of -2^63 items', array('null'), 'ffffffffffffffffff0100', /more values/],
    ['an array without its end', array('int'), '0202', /cut short/],
    ['a map whose key is no text', map('int'), '0202ff0200', /UTF-8/],
    ['a character cut short', 'string', '02e2', /UTF-8/],
    ['an overlong form', 'string', '04c0af', /UTF-8/],
    ['an overlong form of three bytes', 'string', '06e08080', /UTF-8/],
    ['an overlong form of four bytes', 'string', '08f0808080', /UTF-8/],
    ['a surrogate', 'string', '06eda080', /UTF-8/],
    ['a character beyond U+10FFFF', 'string', '08f4908080', /UTF-8/],
    ['a byte that begins nothing', 'string', '0280', /UTF-8/],
    ['a lead that is none', 'string', '08f5808080', /UTF-8/],
    ['a bad byte behind eight good ones', 'string', '1261616161616161 61ff'.replace(' ', ''), /UTF-8/]
  ]
  for (const [what, schema, hex, reason] of unsound) {
    it(`refuses ${what}`, () => expect(problem(schema, hex)).to.match(reason))
  }

  it('agrees with Node on what is UTF-8, at every place in a text', () => {
    const decoder = new TextDecoder('utf8', { fatal: true, ignoreBOM: true })
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'binary' }).map(text => [...Buffer.from(text)]) },
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 5 })
    )
    const property = fc.property(fc.array(piece, { maxLength: 4 }), pieces => {
      const bytes = Buffer.from(pieces.flat())
      let isValid = true
      try {
        decoder.decode(bytes)
      } catch {
        isValid = false
      }
      const body = RecordType.of<Buffer>('"bytes"').encode(bytes)
      expect(problem('string', body.toString('hex')) === '').to.equal(isValid)
    })
    fc.assert(property, { numRuns: 3000 })
  })

  it('counts what takes no bytes: five bytes that claim 20 million nulls are refused, at once', () => {
    for (const schema of [
      array('null'),
      array({ type: 'record', name: 'E', fields: [] }),
      array(record('null', 'null'))
    ]) {
      expect(problem(schema, '80b4891300')).to.match(/more values than maxRecordValues/)
    }
  })

  it('lets a few bytes hold few values: thousands of such records come in one batch', () => {
    expect(problem(array('null'), 'ce0f00')).to.equal('')
    // 1,046 nulls, the array, in 3 bytes: 1,000 and 16 for each byte.
    expect(problem(array('null'), 'ac1000')).to.equal('')
    expect(problem(array('null'), 'b01000')).to.match(/its bytes can hold/)
  })

  it('counts every field, item, key and entry', () => {
    // The array, and two records of two fields each.
    const pairs = array(record('int', 'null'))
    expect(problem(pairs, '04020200', { maxRecordValues: 7 })).to.equal('')
    expect(problem(pairs, '04020200', { maxRecordValues: 6 })).to.match(/more values/)
    // The map, a key and its entry.
    expect(problem(map('int'), '0202610200', { maxRecordValues: 3 })).to.equal('')
    expect(problem(map('int'), '0202610200', { maxRecordValues: 2 })).to.match(/more values/)
  })

  it('bounds how deep a record is nested', () => {
    const list = schemaText('rec-list')
    const nested = (depth: number): string => `${'0202'.repeat(depth)}0200`
    expect(problem(list, nested(1999))).to.equal('')
    expect(problem(list, nested(2000))).to.match(/nested deeper than maxRecordDepth/)
    expect(problem(list, nested(200_000))).to.match(/nested deeper/)
    expect(problem(list, nested(4999), { maxRecordDepth: 10_000 })).to.equal('')
    expect(problem(list, nested(5), { maxRecordDepth: 5 })).to.match(/nested deeper/)
  })

  it('what it lets pass at the default depth, avsc can decode', () => {
    const type = RecordType.of<{ v: number }>(schemaText('rec-list'))
    expect(type.decode(Buffer.from(`${'0202'.repeat(1999)}0200`, 'hex')).v).to.equal(1)
    expect(() => type.decode(Buffer.from(`${'0202'.repeat(200_000)}0200`, 'hex'))).to.throw(MillraceError, 'deeper')
  })

  it('follows types that contain themselves and one another', () => {
    for (const { id, schema, hex } of goldenCases().filter(one => one.id.startsWith('rec-'))) {
      expect(problem(schemaText(schema), hex), id).to.equal('')
    }
  })

  it('stops a batch at the first record that is unsound, has another header, or no value', () => {
    const walker = new Walker(parseSchema('int'), 'number', {})
    const header = Buffer.from([9])
    const good = Buffer.from([9, 2])
    const walk = (third: Buffer, flag = 0): number => {
      const { slab, ends, count } = slabOf(good, good, third, good)
      return walker.walk(slab, ends, Uint8Array.of(0, 0, flag, 0), 0, count, header)
    }
    expect(walk(good)).to.equal(4)
    expect(walk(Buffer.from([9, 2, 2]))).to.equal(2)
    expect(walker.problem(2)).to.equal('1 bytes are left over')
    for (const other of [Buffer.from([8, 2]), Buffer.alloc(0)]) {
      expect(walk(other)).to.equal(2)
      expect(walker.problem(1)).to.equal('')
    }
    expect(walk(good, 1)).to.equal(2)
    expect(walk(good, 2)).to.equal(4)
  })

  it('refuses arguments that would lead out of the slab, before it looks at a byte', () => {
    const walker = new Walker(parseSchema('int'), 'number', {})
    const slab = Buffer.from([2, 2])
    const flags = new Uint8Array(2)
    const calls: [Uint32Array, number, number][] = [
      [Uint32Array.of(1, 3), 0, 2],
      [Uint32Array.of(1, 0), 0, 2],
      [Uint32Array.of(1, 2), 0, 3],
      [Uint32Array.of(1, 2), 2, 1],
      [Uint32Array.of(1, 2), -1, 2],
      [Uint32Array.of(4_000_000_000, 2), 1, 2]
    ]
    for (const [ends, from, to] of calls) {
      expect(() => walker.walk(slab, ends, flags, from, to, NO_HEADER), `${ends.join()} ${from} ${to}`).to.throw(
        RangeError
      )
    }
  })

  for (const { id, schema, hex, kind } of fixture<{ id: string; schema: string; hex: string; kind: string }>(
    'bad.json'
  )) {
    if (kind === 'framing') continue
    it(`C36: finds what is bad: ${id}`, () => expect(problem(schemaText(schema), hex)).to.not.equal(''))
  }
})
