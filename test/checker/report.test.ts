import { expect } from 'chai'
import { check } from './check.js'
import { verdictNames } from './findings.js'
import { report } from './report.js'
import { end, read, run, Script, settled, values } from './script.js'

const name = 'a-reader-with-a-name-that-is-longer-than-any-line-of-the-report-may-ever-be-'.repeat(2)

function badRun(): string {
  const script = new Script()
    .life('writer0', 1, { e: 'sent', ...values(0, 9999) }, { e: 'ack', ...values(0, 9999), t: 1000 }, end)
    .life('reader0', 1, read(...[0, 20, 40, 60, 80].map(n => run(n, n + 9))), ...settled(90))
    .life(name, 1, { e: 'read', r: name, p: 0, runs: [run(0, 9), run(20, 24)], t: 3500 }, end)
    .life(
      'parent',
      1,
      ...['broker kill', 'reader kill', 'broker kill'].map(kind => ({ e: 'fault', kind }) as const),
      end
    )
  return report(check(script.histories, [{ p: 0, runs: [run(0, 9999)] }], { windowRecords: 5, allow: ['re-read'] }))
}

describe('the report of a check', () => {
  it('fits into 80 columns, whatever the names are', () => {
    const widths = badRun()
      .split('\n')
      .map(line => line.length)
    expect(Math.max(...widths)).to.be.at.most(80)
  })

  it('has the counts, each verdict, and the first places where something was found', () => {
    const lines = badRun().split('\n')
    expect(lines).to.include.members([
      'sent                10,000',
      'acknowledged        10,000',
      're-read             15, at most 5',
      'deaths              1 of 4 lives; 0 ended by an error',
      'faults              broker kill 2, reader kill 1',
      'longest stall       2,500 ms in partition 0',
      'phantom             0',
      're-read             10 (allowed): handed out more than once, beyond what the',
      '                    deaths allow, or to one that began behind its commit',
      'skip                50 WRONG: a reader jumped over it',
      '  reader0 partition 0 offset 10 writer0/1 #10 and 9 more',
      '  …'
    ])
    expect(lines.at(-2)).to.match(/^writer0\/2 #100: /)
    for (const verdict of verdictNames) expect(lines.some(line => line.startsWith(verdict.padEnd(20)))).to.equal(true)
  })
})
