import { expect } from 'chai'
import type { Batch } from 'millrace'
import { Account } from '../../lib/cli/demo/account.js'
import { type Sample, sampleMaker, schema } from '../../lib/cli/demo/samples.js'
import { RecordType } from '../../lib/avro/index.js'
import { headerOf } from '../../lib/avro/framing.js'

const RECORD_BYTES = 100
const make = sampleMaker(RECORD_BYTES)

function batch(partition: number, records: readonly Sample[]): Batch<Sample> {
  return {
    records: [...records],
    partition,
    firstOffset: 0,
    lastOffset: records.length - 1,
    timestamps: new Float64Array(records.length),
    done: () => Promise.resolve()
  }
}

describe('sampleMaker', () => {
  it('makes records of about as many bytes as it is told, frame included', () => {
    const type = RecordType.of<Sample>(schema)
    for (const bytes of [32, 100, 1000]) {
      const encoded =
        headerOf('single-object', type as RecordType).length + type.encode(sampleMaker(bytes)(100_000)).length
      expect(encoded, `${bytes} bytes`).to.be.within(bytes - 4, bytes + 2)
    }
  })
})

describe('Account', () => {
  let account: Account
  beforeEach(() => {
    account = new Account(6, 2, RECORD_BYTES)
  })
  const add = (partition: number, ...sequences: number[]): void => account.add(batch(partition, sequences.map(make)))

  it('finds nothing wrong when every record was read once, whole and in order', () => {
    add(0, 0, 2)
    add(1, 1, 3, 5)
    add(0, 4)
    expect(account).to.include({ read: 6, doubled: 0, outOfOrder: 0, wrong: 0 })
    expect(account.lost(6)).to.equal(0)
    expect(account.members.map(({ partition, records }) => [partition, records])).to.deep.equal([
      [0, 3],
      [1, 3]
    ])
  })

  it('counts a record that nobody read as lost, of those that were acknowledged', () => {
    add(0, 0, 2)
    add(1, 1, 5)
    expect(account.lost(6)).to.equal(2)
    expect(account.lost(5)).to.equal(1)
    expect(account.lost(0)).to.equal(0)
  })

  it('counts a record that came twice, and does not let it stand for a lost one', () => {
    add(0, 0, 2)
    add(1, 1, 2)
    expect(account.doubled).to.equal(1)
    expect(account.lost(4)).to.equal(1)
  })

  it('counts a record that its own member reads again as out of order, too', () => {
    add(0, 2, 2)
    expect(account).to.include({ doubled: 1, outOfOrder: 1 })
  })

  it('counts a record behind a later one of its member, and not behind one of another', () => {
    add(0, 4, 2)
    add(1, 1, 3)
    expect(account.outOfOrder).to.equal(1)
  })

  it('remembers the order over batches', () => {
    add(0, 4)
    add(0, 2)
    expect(account.outOfOrder).to.equal(1)
  })

  it('counts a record that is not what was written under its number as wrong, and as not read', () => {
    account.add(
      batch(0, [{ ...make(0), value: 0.123 }, { ...make(2), text: 'y' }, { ...make(4), sequence: 3 }, make(6)])
    )
    expect(account.wrong).to.equal(4)
    expect(account.lost(1)).to.equal(1)
  })

  it('tells when so many records were read', async () => {
    add(0, 0)
    expect(await account.reaches(1, 60_000)).to.equal(true)
    const reached = account.reaches(3, 60_000)
    add(1, 1)
    add(0, 2)
    expect(await reached).to.equal(true)
  })

  it('tells when no record comes any more', async () => {
    add(0, 0)
    expect(await account.reaches(2, 1)).to.equal(false)
    await account.stalls(1, new AbortController().signal)
  })

  it('waits for no record any more at the signal', async () => {
    const isOver = new AbortController()
    const stalls = account.stalls(60_000, isOver.signal)
    isOver.abort()
    await stalls
  })
})
