import { expect } from 'chai'
import { eventually } from './eventually.js'
import { rejection } from './rejection.js'

describe('eventually', () => {
  it('looks again until the condition holds', async () => {
    let looks = 0
    await eventually(() => ++looks === 100, { timeoutMs: 10_000, waitedFor: 'the hundredth look' })
    expect(looks).to.equal(100)
  })

  it('waits for conditions that are promises', async () => {
    let looks = 0
    await eventually(() => Promise.resolve(++looks === 3), { timeoutMs: 10_000, waitedFor: 'the third look' })
    expect(looks).to.equal(3)
  })

  it('says what it waited for when the time is over', async () => {
    const error = await rejection(eventually(() => false, { timeoutMs: 1, waitedFor: 'something that never comes' }))
    expect(error.message).to.equal('waited 1 ms in vain for something that never comes')
  })

  it('looks once even if there is no time at all', async () => {
    await eventually(() => true, { timeoutMs: 0, waitedFor: 'what is there already' })
  })
})
