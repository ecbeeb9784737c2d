import { expect } from 'chai'
import { RecordType } from 'millrace'
import { headerOf } from '../../lib/avro/framing.js'
import { BatchDecoder, BatchEncoder, encodings, SlabPool } from '../../lib/avro/index.js'
import { type GoldenCase, goldenCases, schemaText } from '../support/fixtures.js'

/** Golden records that stand whole in the fixtures, without those of ±(2^53 - 1): these may be refused. */
const outermost = new Set(['long-9007199254740991', 'long--9007199254740991', 'longs-nested-1'])
const cases = goldenCases().filter(({ id, record }) => record !== undefined && !outermost.has(id))
const bySchema = new Map<string, GoldenCase[]>()
for (const one of cases) bySchema.set(one.schema, [...(bySchema.get(one.schema) ?? []), one])

describe('the golden records of a schema, all in one batch', () => {
  for (const [schema, goldens] of bySchema) {
    for (const encoding of encodings) {
      it(`are the golden bytes, each behind its header, and come back in their order: ${schema}, ${encoding}`, () => {
        const type = RecordType.of(schemaText(schema))
        // Three times, so that each stands behind and before another one, itself included.
        const batch = [...goldens, ...goldens, ...goldens.toReversed()]
        const header = headerOf(encoding, type).toString('hex')

        const { slab, ends } = new BatchEncoder(type, encoding, new SlabPool(), 100_000).encode(
          batch.map(({ record }) => record)
        )
        const written = Array.from(ends, (end, i) => slab.toString('hex', i === 0 ? 0 : ends[i - 1], end))
        expect(written).to.deep.equal(batch.map(({ hex }) => header + hex))

        const decoder = new BatchDecoder(type, encoding, [type])
        const { records, undecodable } = decoder.decode(slab, ends, batch.length, new Uint8Array(batch.length))
        expect(undecodable).to.equal(undefined)
        // Encoded again, since records that left out fields come back with the defaults.
        expect(records.map(record => type.encode(record).toString('hex'))).to.deep.equal(batch.map(({ hex }) => hex))
        if (schema !== 'defaults') expect(records).to.deep.equal(batch.map(({ record }) => record))
      })
    }
  }
})
