import { expect } from 'chai'
import { argumentsOf, help } from './arguments.js'
import { cells } from './schedule.js'

const parsed = (...args: string[]): ReturnType<typeof argumentsOf> => argumentsOf(args, 7)

describe('the arguments of test:faults', () => {
  it('are all cells, ten rounds each, from any seed, where there are none', () => {
    const expected = { isHelp: false, isQuick: false, seed: 7, rounds: 10, cells, switchedOff: undefined }
    expect(parsed()).to.deep.equal(expected)
  })

  it('are a cell, its rounds, a seed and a rule', () => {
    const rule = 'the older incarnation steps down'
    const all = parsed('--cell', 'reader-stop', '--rounds', '3', '--seed', '5', '--switch-off', rule)
    expect(all).to.deep.include({ rounds: 3, seed: 5, switchedOff: rule })
    expect(all.cells).to.deep.equal([{ victim: 'reader', kind: 'stop' }])
  })

  it('are refused where they name what is not there: such a run would break nothing, and be well', () => {
    expect(() => parsed('--cell', 'reader-stopp')).to.throw("there is no cell 'reader-stopp'")
    expect(() => parsed('--cell', '')).to.throw("there is no cell ''")
    expect(() => parsed('--switch-off', 'nothing')).to.throw("there is no rule 'nothing'")
    expect(() => parsed('--rounds', '0')).to.throw("--rounds takes a whole number from 1 on, not '0'")
    expect(() => parsed('--rounds', 'many')).to.throw('--rounds takes')
    expect(() => parsed('--seed', '')).to.throw('--seed takes')
    expect(() => parsed('--quick', '--cell', 'reader-stop')).to.throw('--quick breaks each cell once')
    expect(() => parsed('--fast')).to.throw("Unknown option '--fast'")
  })

  it('are told by --help, in 80 columns', () => {
    expect(parsed('--help').isHelp).to.equal(true)
    expect(Math.max(...help.split('\n').map(line => line.length))).to.be.at.most(80)
  })
})
