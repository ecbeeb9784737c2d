import { expect } from 'chai'
import { RecordType } from '../../lib/avro/index.js'
import { ByKey } from '../../lib/channel/index.js'
import { checkedSchema, type CheckedRecord, keysOfPartitions, recordsOf, runsOf } from './records.js'
import { run, values } from './script.js'

describe('records of a checked run', () => {
  it('are of about 100 bytes, as the schema says', () => {
    const [record] = recordsOf(values(1000, 1000))
    const type = RecordType.of<CheckedRecord>(checkedSchema)
    const bytes = type.encode(record as CheckedRecord)
    expect(bytes.length).to.be.within(95, 105)
    expect(type.decode(bytes)).to.deep.equal(record)
  })

  it('go to the partition that they name, by its key', () => {
    for (const count of [1, 3, 16]) {
      const keys = keysOfPartitions(count)
      const records = Array.from({ length: count }, (_, p) => recordsOf(values(0, 2, { p }))).flat()
      const taken = new ByKey<CheckedRecord>(count, ({ partition }) => keys[partition] as string).take(records)
      expect([...taken]).to.deep.equal(records.map(({ partition }) => partition))
    }
  })

  it('become runs, with their offsets where these can be known', () => {
    const batch = [values(3, 5), values(0, 1, { life: 2 }), values(6, 9)].flatMap(one => recordsOf(one))
    expect(runsOf({ records: batch, firstOffset: 100, lastOffset: 108 })).to.deep.equal([
      run(3, 5, 100),
      run(0, 1, 103, { life: 2 }),
      run(6, 9, 105)
    ])
    expect(runsOf({ records: batch, firstOffset: 100, lastOffset: 110 })).to.deep.equal([
      run(3, 3, 100),
      run(4, 5, -1),
      run(0, 1, -1, { life: 2 }),
      run(6, 8, -1),
      run(9, 9, 110)
    ])
  })

  it('are refused when they have the bytes of another', () => {
    const [one, two] = recordsOf(values(0, 1)) as [CheckedRecord, CheckedRecord]
    const records = [{ ...one, padding: two.padding }]
    expect(() => runsOf({ records, firstOffset: 0, lastOffset: 0 })).to.throw('record 0 of writer0/1 in partition 0')
  })
})
