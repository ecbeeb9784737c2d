import { expect } from 'chai'
import { rules } from '../../lib/channel/status/index.js'
import { mutations } from './mutations.js'
import { simulate } from './scenario.js'

/** As many as `npm run simulate` runs by default. */
const SEEDS = 1000

describe('the channel protocol in virtual time', function () {
  this.timeout(240_000)

  it(`deletes nothing unread, finishes nobody early and waits for nothing without end, in ${SEEDS} seeds`, async () => {
    const counts = { finished: 0, deleted: 0, lost: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate(seed, rules)
      expect(outcome.violations, `seed ${seed}`).to.deep.equal([])
      counts.finished += outcome.counts.finished
      counts.deleted += outcome.counts.deleted
      counts.lost += outcome.counts.lost
    }
    // The runs do come to where something could go wrong.
    expect(Math.min(counts.finished, counts.deleted, counts.lost)).to.be.above(SEEDS / 20)
  })

  it('is the same run again from the same seed', async () => {
    const lines: string[][] = [[], []]
    for (const run of lines) await simulate(7, rules, line => run.push(line))
    expect(lines[0]).to.deep.equal(lines[1])
    expect(lines[0]?.length).to.be.above(20)
  })

  for (const name of ['the end is an offset', 'all writers must have stopped', 'a run that is over counts no more']) {
    it(`finds a violation where this rule is switched off: ${name}`, async () => {
      const mutation = mutations.find(one => one.name === name)
      let found = false
      for (let seed = 1; seed <= 100 && !found && mutation; seed++) {
        found = (await simulate(seed, mutation.rules)).violations.length > 0
      }
      expect(found).to.equal(true)
    })
  }
})
