import { expect } from 'chai'
import { orderFrom, OrderError } from './order.js'
import { cells } from './schedule.js'

describe('what npm run test:faults is told', () => {
  it('is all cells, or one, with so many faults each; or all of them once', () => {
    expect(orderFrom([])).to.deep.include({ isQuick: false, wanted: cells, rounds: 10, switchedOff: undefined })
    const one = orderFrom(['--cell', 'broker-stop', '--rounds', '2', '--seed', '7'])
    expect(one).to.deep.include({ wanted: [{ victim: 'broker', kind: 'stop' }], rounds: 2, seed: 7 })
    const rule = 'the older incarnation steps down'
    expect(orderFrom(['--quick', '--switch-off', rule])).to.include({ isQuick: true, switchedOff: rule })
  })

  it('is refused where it would break nothing, or something else than was meant', () => {
    for (const args of [
      ['--cell', 'reader-kil'],
      ['--cell', ''],
      ['--rounds', '0'],
      ['--rounds', 'ten'],
      ['--rounds', ''],
      ['--seed', 'seven'],
      ['--seed', '1.5'],
      ['--switch-off', 'no such rule'],
      ['--quick', '--rounds', '3'],
      ['--quick', '--cell', 'reader-kill'],
      ['--bogus'],
      ['reader-kill']
    ]) {
      expect(() => orderFrom(args), args.join(' ')).to.throw(OrderError)
    }
  })
})
