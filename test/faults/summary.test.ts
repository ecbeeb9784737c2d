import { expect } from 'chai'
import type { Outcome } from '../checker/check.js'
import { Findings, type Verdict } from '../checker/findings.js'
import { summary } from './summary.js'

function resultOf(found: readonly [Verdict, number][], seconds: number, stuck?: string) {
  const findings = new Findings()
  for (const [verdict, count] of found) findings.add({ verdict, reader: 'reader0', count })
  const counts = { acknowledged: 30_000, read: 30_500, reRead: 500, reReadBound: 1000 }
  const stall = { ms: 1000 * seconds, partition: 0 }
  return { outcome: { counts, findings, stall } as unknown as Outcome, seconds, stuck, ends: new Map(), histories: '' }
}

describe('the table of many runs', () => {
  const rows = [
    { title: 'reader kill', faults: 10, result: resultOf([], 1) },
    {
      title: 'broker cut',
      faults: 5,
      result: resultOf(
        [
          ['lost', 2],
          ['unseen', 1],
          ['duplicate', 4],
          ['skip', 5]
        ],
        2,
        'it did not end'
      )
    }
  ]

  it('has a row for each, and their sum', () => {
    const lines = summary(rows).split('\n')
    expect(lines.slice(2)).to.deep.equal([
      '| reader kill | 10 | 30,000 | 30,000 | 30,500 | 0 | 0 | 0 | 500 of 1,000 | 0 | 1.0 s |',
      '| broker cut | 5 | 30,000 | 15,000 | 30,500 | 3 | 4 | 0 | 500 of 1,000 | 6 | 2.0 s |',
      '| **all** | 15 | 60,000 | 20,000 | 61,000 | 3 | 4 | 0 | 1,000 of 2,000 | 6 | 2.0 s |'
    ])
  })

  it('has as many columns in each line', () => {
    const widths = summary(rows)
      .split('\n')
      .map(line => line.split('|').length)
    expect(new Set(widths).size).to.equal(1)
  })
})
