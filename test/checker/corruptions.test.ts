import { expect } from 'chai'
import { Random } from '../support/random.js'
import { check, type Outcome } from './check.js'
import { corruptions } from './corruptions.js'
import { verdictNames } from './findings.js'
import { Generated, WINDOW_RECORDS } from './generated.js'

const SEEDS = 200

function judge(run: Generated): Outcome {
  return check(run.histories, run.reading, { windowRecords: WINDOW_RECORDS })
}

describe(`the checker on ${SEEDS} generated runs`, () => {
  it('finds nothing in any of them, though much goes on in them', () => {
    const sums: Record<string, number> = {}
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { findings, counts } = judge(new Generated(new Random(seed)))
      expect(findings.found, `seed ${seed}`).to.deep.equal([])
      for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
    }
    for (const [name, sum] of Object.entries(sums)) expect(sum, name).to.be.above(SEEDS / 2)
  })

  for (const { name, verdict, others = [], share = 0.9, apply } of corruptions) {
    it(`finds ${verdict} in all of them where ${name}`, () => {
      let applied = 0
      for (let seed = 1; seed <= SEEDS; seed++) {
        const run = new Generated(new Random(seed))
        if (!apply(run, new Random(seed))) continue
        applied++
        const { found } = judge(run).findings
        expect(found, `seed ${seed}`).to.include(verdict)
        expect([verdict, ...others], `seed ${seed}`).to.include.members(found)
      }
      expect(applied, 'seeds that have a place for it').to.be.above(SEEDS * share)
    })
  }

  it('knows a way to each verdict', () => {
    expect(new Set(corruptions.map(({ verdict }) => verdict))).to.deep.equal(new Set(verdictNames))
  })
})
