import { expect } from 'chai'
import { MillraceError, RecordError, RecordType, type Schema, SchemaError } from 'millrace'
import { fixture, goldenCases, schemaText, untagged } from '../support/fixtures.js'

/** Ids of golden records with ±(2^53 - 1), which avsc refuses to take for safe. */
const outermost = new Set(['long-9007199254740991', 'long--9007199254740991', 'longs-nested-1'])
const cases = goldenCases().filter(({ schema }) => schema !== 'unions')

describe('RecordType', () => {
  for (const { id, schema, hex, record } of cases) {
    if (outermost.has(id)) continue
    it(`encodes to the golden bytes and back: ${id}`, () => {
      const type = RecordType.of(schemaText(schema))
      expect(type.encode(record).toString('hex')).to.equal(hex)
      const decoded = type.decode(Buffer.from(hex, 'hex'))
      // A record that leaves out fields comes back with their defaults; all others come back as they were.
      if (schema !== 'defaults') expect(decoded).to.deep.equal(record)
      expect(type.encode(decoded).toString('hex')).to.equal(hex)
    })
  }

  for (const { id, schema, hex, record } of cases.filter(one => outermost.has(one.id))) {
    it(`C35: the outermost safe integers are exact or refused by name, never another number: ${id}`, () => {
      const type = RecordType.of(schemaText(schema))
      let encoded: string
      try {
        encoded = type.encode(record).toString('hex')
      } catch (error) {
        expect(error).to.be.instanceOf(RecordError).with.property('message').that.contains('9007199254740991')
        return
      }
      expect(encoded).to.equal(hex)
      expect(type.decode(Buffer.from(hex, 'hex'))).to.deep.equal(record)
    })
  }

  it('C35: a long that no number can hold is undecodable, never another number', () => {
    // 2^53 + 1
    expect(() => RecordType.of('"long"').decode(Buffer.from('8280808080808020', 'hex')))
      .to.throw(MillraceError)
      .with.property('code', 'ERR_MILLRACE_RECORD_UNDECODABLE')
  })

  it('C37: encodes unions to the golden bytes and back, the branch named where its value does not tell', () => {
    const hexOf = new Map(goldenCases().map(({ id, hex }) => [id, hex]))
    const type = RecordType.of(schemaText('unions'))
    const records = {
      'union-nulls': { opt: null, late: null, num: null, rec: null, word: null, coll: [], bin: null, items: [] },
      'union-branches': {
        opt: 'a',
        late: 'b',
        num: { long: 5 },
        rec: { 'case.unions.RecB': { y: 7 } },
        word: { 'case.unions.Color': 'RED' },
        coll: { k: 1 },
        bin: { 'case.unions.Pair': Buffer.from([1, 2]) },
        items: [null, 's', 3]
      },
      'union-other-branches': {
        opt: '',
        late: '',
        num: { double: 5 },
        rec: { 'case.unions.RecA': { x: -1 } },
        word: { string: 'RED' },
        coll: [1, 2],
        bin: { bytes: Buffer.from([1, 2]) },
        items: [0]
      }
    }
    for (const [id, record] of Object.entries(records)) {
      expect(type.encode(record).toString('hex'), id).to.equal(hexOf.get(id))
      const decoded = type.decode(type.encode(record))
      // As JSON, since the objects that name a branch have a prototype of avsc's.
      expect(JSON.stringify(decoded), id).to.equal(JSON.stringify(record))
      expect(type.encode(decoded), id).to.deep.equal(type.encode(record))
    }
  })

  it('C39: gives a field that is missing on write its default', () => {
    const type = RecordType.of(schemaText('defaults'))
    expect(type.decode(type.encode({ id: 1 }))).to.deep.equal({
      id: 1,
      n: 7,
      s: 'x',
      opt: null,
      first: 'f',
      list: [],
      m: { a: 'b' },
      e: 'B',
      sub: { a: 1, b: 2 },
      d: 1,
      t: true
    })
  })

  for (const { id, schema, record, path } of fixture<{ id: string; schema: string; record: unknown; path: string }>(
    'reject.json'
  )) {
    it(`refuses a record that does not fit, with the path: ${id}`, () => {
      const error = refusal(RecordType.of(schemaText(schema)), untagged(record))
      expect(error.code).to.equal('ERR_MILLRACE_RECORD_INVALID')
      expect(error.path).to.equal(path === '' ? '' : `/${path}`)
    })
  }

  it('C37: names the possible branches of a union', () => {
    const type = RecordType.of(['null', 'long', 'double'])
    expect(refusal(type, { float: 1 }).message).to.contain('["null","long","double"]')
  })

  for (const { id, schema, names } of fixture<{ id: string; schema: Schema; names: string }>('schemas-invalid.json')) {
    it(`C39: refuses a schema that is not valid, and says what of it: ${id}`, () => {
      expect(() => RecordType.of(schema))
        .to.throw(SchemaError, names)
        .with.property('code', 'ERR_MILLRACE_SCHEMA_INVALID')
    })
  }

  it('takes a schema as JSON text, as an object, and the name of a primitive type with and without quotes', () => {
    const text = schemaText('long')
    expect(RecordType.of(text).fingerprint).to.equal(RecordType.of(JSON.parse(text) as object).fingerprint)
    expect(RecordType.of('long').fingerprint).to.equal(RecordType.of('"long"').fingerprint)
  })

  it('refuses what is neither text nor object as a wrong argument', () => {
    for (const schema of [undefined, null, 5, () => 1]) {
      expect(() => RecordType.of(schema as unknown as Schema), String(schema)).to.throw(TypeError)
    }
  })

  it('returns a RecordType as it is', () => {
    const type = RecordType.of('"int"')
    expect(RecordType.of(type)).to.equal(type)
  })

  it('C43: encodes and decodes a list of a thousand records in one another', () => {
    const type = RecordType.of(schemaText('rec-list'))
    let list: unknown = null
    for (let v = 0; v < 1000; v++) list = { v, next: list }
    expect(type.encode(type.decode(type.encode(list)))).to.deep.equal(type.encode(list))
  })

  it('encodes records of any length', () => {
    const type = RecordType.of<string>('"string"')
    for (const length of [253, 254, 255, 256, 257, 100_000]) {
      expect(type.decode(type.encode('x'.repeat(length)))).to.have.length(length)
    }
  })

  it('decodes records that carry nothing but their fields', () => {
    const type = RecordType.of<object>(schemaText('long'))
    const record = type.decode(Buffer.from('02', 'hex'))
    expect(JSON.stringify(record)).to.equal('{"v":1}')
    for (const name of ['toBuffer', 'clone', 'compare', 'isValid', 'wrap']) expect(record).to.not.have.property(name)
  })

  it('decodes only the range of a view', () => {
    const memory = Uint8Array.from([0xff, 0x02, 0x61, 0xff])
    expect(RecordType.of('"string"').decode(memory.subarray(1, 3))).to.equal('a')
  })

  it('refuses to decode what is no view of bytes as a wrong argument', () => {
    for (const body of ['02', [2], new ArrayBuffer(1), undefined]) {
      expect(() => RecordType.of('"int"').decode(body as unknown as Uint8Array)).to.throw(TypeError)
    }
  })

  it('refuses a body that is not exactly one record', () => {
    const type = RecordType.of('"string"')
    for (const [hex, reason] of [
      ['', 'cut short'],
      ['0461', 'cut short'],
      ['026161', '1 bytes are left over'],
      ['0361', 'is negative']
    ] as const) {
      expect(() => type.decode(Buffer.from(hex, 'hex')), hex)
        .to.throw(MillraceError, reason)
        .with.property('code', 'ERR_MILLRACE_RECORD_UNDECODABLE')
    }
  })

  it('refuses a body of another schema that is not exactly one record of that', () => {
    const schema = (field: string): object => ({ type: 'record', name: 'R', fields: [{ name: 'a', type: field }] })
    const reader = RecordType.of(schema('double'))
    const writer = schema('int')
    expect(reader.decode(Buffer.from('02', 'hex'), { writer })).to.deep.equal({ a: 1 })
    for (const [hex, reason] of [
      ['', 'cut short'],
      ['80', 'cut short'],
      ['0202', '1 bytes are left over'],
      ['0200000000000000', '7 bytes are left over']
    ] as const) {
      expect(() => reader.decode(Buffer.from(hex, 'hex'), { writer }), hex)
        .to.throw(MillraceError, reason)
        .with.property('code', 'ERR_MILLRACE_RECORD_UNDECODABLE')
    }
  })

  it('takes the writer schema as text, object and RecordType', () => {
    const reader = RecordType.of('"double"')
    for (const writer of ['"int"', { type: 'int' }, RecordType.of('"int"')]) {
      expect(reader.decode(Buffer.from('03', 'hex'), { writer })).to.equal(-2)
    }
  })

  it('refuses a writer schema that is not valid', () => {
    expect(() => RecordType.of('"int"').decode(Buffer.from('02', 'hex'), { writer: { type: 'nothing' } }))
      .to.throw(SchemaError)
      .with.property('code', 'ERR_MILLRACE_SCHEMA_INVALID')
  })

  it('shortens its name to what a message can carry', () => {
    // Without names, since a type with one is shown by it.
    let schema: Schema = 'int'
    for (let depth = 0; depth < 50; depth++) schema = { type: 'array', items: schema }
    expect(RecordType.of(schema).toString().length).to.be.greaterThan(1000)
    expect(RecordType.of(schema).displayName).to.have.length.within(100, 350)
    expect(RecordType.of('"int"').displayName).to.equal('"int"')
  })
})

function refusal(type: RecordType, record: unknown): RecordError {
  try {
    type.encode(record)
  } catch (error) {
    expect(error).to.be.instanceOf(RecordError)
    return error as RecordError
  }
  throw new Error('the record was accepted')
}

describe('RecordType, further', () => {
  it('gives its schema as JSON from which the same type can be made, named or not', () => {
    for (const schema of ['"long"', { type: 'array', items: 'int' }, { type: 'record', name: 'a.B', fields: [] }]) {
      const type = RecordType.of(schema)
      expect(RecordType.of(type.toString()).fingerprint).to.equal(type.fingerprint)
    }
  })

  it('refuses an int of more than 32 bits on reading', () => {
    for (const hex of ['8080808010', 'ffffffffffffffffff01']) {
      expect(() => RecordType.of('"int"').decode(Buffer.from(hex, 'hex'))).to.throw(/more than 32 bits/)
    }
  })

  const kept = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] }
  const removed = { name: 'gone', type: { type: 'array', items: 'int' } }
  const writer = { type: 'record', name: 'R', fields: [removed, kept.fields[0]] }

  it('refuses a removed field whose block goes back or claims more than there is, at once', () => {
    for (const hex of ['0103', '8080808002', 'fcffffff0f']) {
      expect(() => RecordType.of(kept).decode(Buffer.from(hex, 'hex'), { writer }), hex).to.throw(/cannot decode/)
    }
  })

  it('refuses a number of more bytes than a long has, however many', () => {
    for (const length of [11, 100_000]) {
      const endless = Buffer.alloc(length, 0xff)
      endless[length - 1] = 1
      expect(() => RecordType.of('"long"').decode(endless)).to.throw(/64 bits/)
    }
  })
})
