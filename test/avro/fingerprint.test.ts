import { expect } from 'chai'
import { RecordType } from 'millrace'
import { fingerprintOf, fingerprintText } from '../../lib/avro/fingerprint.js'

describe('fingerprintOf', () => {
  // Of the Avro project's own tests (schema-tests.txt), where they are written as signed 64-bit numbers.
  const vectors: [canonicalForm: string, fingerprint: bigint][] = [
    ['"null"', 7195948357588979594n],
    ['"boolean"', -6970731678124411036n],
    ['"int"', 8247732601305521295n],
    ['"long"', -3434872931120570953n],
    ['"float"', 5583340709985441680n],
    ['"double"', -8181574048448539266n],
    ['"bytes"', 5746618253357095269n],
    ['"string"', -8142146995180207161n],
    ['[]', -1241056759729112623n],
    ['["int"]', -5232228896498058493n],
    ['{"name":"foo","type":"record","fields":[]}', -4824392279771201922n],
    ['{"name":"foo","type":"enum","symbols":["A1"]}', -6342190197741309591n],
    ['{"name":"foo","type":"fixed","size":15}', 1756455273707447556n],
    ['{"type":"array","items":"null"}', -589620603366471059n]
  ]
  for (const [canonicalForm, fingerprint] of vectors) {
    it(`of ${canonicalForm} is Avro's`, () => {
      expect(fingerprintOf(canonicalForm).readBigInt64LE()).to.equal(fingerprint)
    })
  }

  it('comes in the order of the wire, the lowest byte first', () => {
    expect(fingerprintOf('"null"').toString('hex')).to.equal('8a8f25cce724dd63')
  })
})

describe('fingerprintText', () => {
  it('prints the highest digits first, as the specification does', () => {
    const printed = ['"null"', '"boolean"', '"int"', '"string"'].map(form => fingerprintText(fingerprintOf(form)))
    expect(printed).to.deep.equal(['63dd24e7cc258f8a', '9f42fc78a4d4f764', '7275d51a3f395c8f', '8f014872634503c7'])
  })

  it('keeps leading zeros', () => {
    expect(fingerprintText(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]))).to.equal('0000000000000001')
  })
})

describe('the fingerprint of a RecordType', () => {
  const signed = (schema: string): bigint => BigInt.asIntN(64, BigInt(`0x${RecordType.of(schema).fingerprint}`))

  // Of the same tests: schemas that are not in canonical form.
  const vectors: [schema: string, fingerprint: bigint][] = [
    ['{"type":"string"}', -8142146995180207161n],
    ['[ "int" , {"type":"boolean"} ]', 5392556393470105090n],
    ['{"fields":[], "type":"record", "name":"foo"}', -4824392279771201922n],
    ['{"fields":[], "type":"record", "name":"foo", "namespace":"x.y"}', 5916914534497305771n],
    ['{"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"}', -4616218487480524110n],
    ['{"fields":[], "type":"record", "name":"foo", "doc":"foo", "aliases":["foo","bar"]}', -4824392279771201922n],
    [
      '{"fields":[{"type":{"type":"boolean"}, "name":"f1", "default":true}], "type":"record", "name":"foo"}',
      7843277075252814651n
    ],
    [
      '{"type":"enum", "name":"foo", "namespace":"x.y.z", "doc":"foo bar", "symbols":["A1", "A2"]}',
      -4448647247586288245n
    ],
    ['{"namespace":"x.y.z", "type":"fixed", "name":"foo", "doc":"foo bar", "size":32}', -3064184465700546786n]
  ]
  for (const [schema, fingerprint] of vectors) {
    it(`is that of the canonical form for ${schema}`, () => {
      expect(signed(schema)).to.equal(fingerprint)
    })
  }

  it('is another one when a field has another type, and the same when only its default differs', () => {
    const schema = (field: object): object => ({ type: 'record', name: 'R', fields: [{ name: 'a', ...field }] })
    const one = RecordType.of(schema({ type: 'int' }))
    expect(RecordType.of(schema({ type: 'long' })).fingerprint).to.not.equal(one.fingerprint)
    expect(RecordType.of(schema({ type: 'int', default: 3 })).fingerprint).to.equal(one.fingerprint)
  })
})
