import { expect } from 'chai'
import { Account } from '../../lib/cli/demo/account.js'
import { hasFaults, reportJson, reportText } from '../../lib/cli/demo/report.js'
import type { DemoResult } from '../../lib/cli/demo/run.js'
import { sampleMaker } from '../../lib/cli/demo/samples.js'

const make = sampleMaker(100)

/** Of a run in which the members read these sequence numbers. */
function result(read: readonly (readonly number[])[], changes: Partial<DemoResult> = {}): DemoResult {
  const account = new Account(4, read.length, 100)
  read.forEach((sequences, partition) =>
    account.add({
      records: sequences.map(make),
      partition,
      firstOffset: 0,
      lastOffset: 0,
      timestamps: new Float64Array(sequences.length),
      done: () => Promise.resolve()
    })
  )
  return {
    broker: { kind: 'embedded', bootstrapServers: 'broker.invalid:9092' },
    written: 4,
    acknowledged: 4,
    account,
    perMember: account.members.map(member => ({ ...member, lag: 0 })),
    seconds: { write: 0.5, read: 2, total: 3.14159 },
    ...changes
  }
}

const good = result([
  [0, 2],
  [1, 3]
])

describe('hasFaults', () => {
  it('finds none when every record arrived once, whole and in order', () => {
    expect(hasFaults(good)).to.equal(false)
  })

  const faulty: Record<string, DemoResult> = {
    'a lost record': result([[0, 2], [1]]),
    'a doubled record': result([
      [0, 2, 3],
      [1, 3]
    ]),
    'a record out of order': result([
      [2, 0],
      [1, 3]
    ]),
    'a record that was not acknowledged': result(
      [
        [0, 2],
        [1, 3]
      ],
      { acknowledged: 3 }
    ),
    'a record that was not written': result([[0], [1]], { written: 2, acknowledged: 2 })
  }
  for (const [what, demo] of Object.entries(faulty)) {
    it(`finds ${what}, and the report says FAILED`, () => {
      expect(hasFaults(demo)).to.equal(true)
      expect(reportText(demo).split('\n').at(-1)).to.equal('FAILED')
    })
  }

  it('finds a record with wrong content', () => {
    const demo = result([
      [0, 2],
      [1, 3]
    ])
    demo.account.wrong = 1
    expect(hasFaults(demo)).to.equal(true)
    expect(reportText(demo)).to.contain('1 with wrong content')
  })
})

describe('reportText', () => {
  it('says where, how many, how fast, and that all is well', () => {
    const lines = reportText(good).split('\n')
    expect(lines[0]).to.equal('embedded broker at broker.invalid:9092, a group of 2')
    expect(lines).to.include('4 records written, 4 acknowledged in 0.50 s (8/s),')
    expect(lines).to.include('4 read in 2.00 s (2/s): 0 out of order, 0 lost, 0 doubled')
    expect(lines.at(-1)).to.equal('Every record arrived once, whole and in order.')
  })

  it('has a row for each member: its partition, records, rate and lag', () => {
    const [one, two] = good.perMember
    if (!one || !two) throw new Error('two members')
    const text = reportText({ ...good, perMember: [one, { ...two, lag: null }] })
    const rows = text.split('\n').map(line => line.trim().split(/ {2,}/))
    expect(rows).to.deep.include(['member', 'partition', 'records', 'records/s', 'lag'])
    expect(rows).to.deep.include(['0', '0', '2', '1', '0'])
    expect(rows).to.deep.include(['1', '1', '2', '1', 'unknown'])
  })

  it('sums up the members of a large group', () => {
    const perMember = Array.from({ length: 1042 }, (_, partition) => ({ partition, records: 1, last: 1, lag: 0 }))
    const lines = reportText({ ...good, perMember }).split('\n')
    expect(lines).to.include('… and 1,012 more members')
    expect(lines.length).to.be.lessThan(40)
  })
})

describe('reportJson', () => {
  it('is one line of JSON with the same numbers', () => {
    const json = reportJson(result([[0, 2, 3], [3]]))
    expect(json).to.not.contain('\n')
    expect(JSON.parse(json)).to.deep.include({
      broker: 'embedded',
      members: 2,
      seconds: { write: 0.5, read: 2, total: 3.142 },
      recordsPerSecond: { write: 8, read: 2 },
      perMember: [
        { partition: 0, records: 3 },
        { partition: 1, records: 1 }
      ]
    })
    expect(JSON.parse(json).records).to.include({
      written: 4,
      acknowledged: 4,
      read: 4,
      lost: 1,
      doubled: 1,
      outOfOrder: 0
    })
  })

  it('names a broker that was given by its address', () => {
    const broker = { kind: 'given', bootstrapServers: 'broker.invalid:9092' }
    expect(JSON.parse(reportJson({ ...good, broker })).broker).to.equal('broker.invalid:9092')
  })
})
