import { expect } from 'chai'
import { RecordType } from 'millrace'
import { headerOf, unframing } from '../../lib/avro/framing.js'
import { NotDecodable } from '../../lib/avro/record-type.js'
import { fixture } from '../support/fixtures.js'

const text = RecordType.of('"string"')
const number = RecordType.of('"int"')

describe('headerOf', () => {
  it('is C3 01 and the fingerprint, lowest byte first, for single-object', () => {
    expect(headerOf('single-object', number).toString('hex')).to.equal('c3018f5c393f1ad57572')
  })

  it('is nothing for plain', () => {
    expect(headerOf('plain', number)).to.have.length(0)
  })
})

describe('unframing', () => {
  const failure = (record: Buffer): Error => {
    const unframed = unframing('single-object', [text, number])
    // Amid other bytes, which must not be looked at.
    const slab = Buffer.concat([headerOf('single-object', text), record, headerOf('single-object', text)])
    try {
      unframed.writerAt(slab, 10, 10 + record.length)
    } catch (error) {
      expect(error).to.be.instanceOf(NotDecodable)
      return error as Error
    }
    throw new Error('it was taken for a record')
  }

  it('finds the writer schema of each record by its fingerprint', () => {
    const { writerAt } = unframing('single-object', [text, number])
    const slab = Buffer.concat([headerOf('single-object', number), headerOf('single-object', text)])
    expect(writerAt(slab, 0, 10)).to.equal(number)
    expect(writerAt(slab, 10, 20)).to.equal(text)
  })

  it('gives plain records the one writer schema there is, and takes no two and none', () => {
    expect(unframing('plain', [number]).writerAt(Buffer.alloc(0), 0, 0)).to.equal(number)
    expect(() => unframing('plain', [text, number])).to.throw(RangeError, 'exactly one writer schema')
    expect(() => unframing('plain', [])).to.throw(RangeError, 'exactly one writer schema')
  })

  it('names an unknown fingerprint, and those it knows, as the specification prints them', () => {
    const { message } = failure(headerOf('single-object', RecordType.of('"null"')))
    expect(message).to.contain('63dd24e7cc258f8a').and.contain(text.fingerprint).and.contain(number.fingerprint)
  })

  it('takes a fingerprint for unknown though one half of it is known', () => {
    for (const changed of [2, 9]) {
      const header = headerOf('single-object', number)
      header[changed] = 0
      expect(failure(header).message).to.contain('nobody announced')
    }
  })

  it('takes nothing from the neighbour when a record is shorter than a header', () => {
    for (let length = 0; length < 10; length++) {
      expect(failure(headerOf('single-object', text).subarray(0, length)).message).to.contain('single-object')
    }
  })

  it('says that a record is empty', () => {
    expect(failure(Buffer.alloc(0)).message).to.contain('it is empty')
  })

  it('C47: takes nothing for the frame of a registry that is too short to be one', () => {
    for (const length of [1, 2, 3, 4]) {
      expect(failure(Buffer.alloc(length)).message, `${length} zeros`).to.not.contain('registry')
    }
    expect(failure(Buffer.alloc(5)).message, '5 zeros').to.contain('registry')
  })

  const foreign: Record<string, RegExp> = {
    'framing-registry': /schema registry's frame/,
    'framing-container': /Avro file/,
    'framing-json': /'plain'/
  }
  for (const { id, hex, kind } of fixture<{ id: string; hex: string; kind: string }>('bad.json')) {
    if (kind !== 'framing') continue
    it(`C47: says what else it looks like: ${id}`, () => {
      expect(failure(Buffer.from(hex, 'hex')).message).to.match(foreign[id] ?? /no such kind/)
    })
  }
})
