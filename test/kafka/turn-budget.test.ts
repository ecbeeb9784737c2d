import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { TurnBudget } from '../../lib/kafka/turn-budget.js'

describe('TurnBudget', () => {
  it('asks nobody to wait while little was handed out', () => {
    const budget = new TurnBudget()
    budget.spend(1024)
    expect(budget.exhausted).to.equal(undefined)
  })

  it('makes everybody wait for a turn of the event loop once much was handed out, then begins anew', async () => {
    const budget = new TurnBudget()
    budget.spend(100 * 1024 * 1024)
    const events: string[] = []
    const waiting = Promise.all([budget.exhausted, budget.exhausted]).then(() => events.push('went on'))
    setImmediate(() => events.push('turned'))
    await waiting
    await turn()
    expect(events).to.have.members(['turned', 'went on'])
    expect(budget.exhausted).to.equal(undefined)
  })

  it('is not satisfied by promises that resolve at once', async () => {
    const budget = new TurnBudget()
    budget.spend(100 * 1024 * 1024)
    let isOver = false
    const waiting = budget.exhausted?.then(() => (isOver = true))
    for (let i = 0; i < 100; i++) await Promise.resolve()
    expect(isOver).to.equal(false)
    await waiting
  })
})
