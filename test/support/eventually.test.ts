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
    expect(error.message).to.equal('waited 1 ms for something that never comes')
  })

  it('passes on what the condition throws', async () => {
    const cause = new Error('no condition')
    const condition = (): boolean => {
      throw cause
    }
    expect(await rejection(eventually(condition, { timeoutMs: 10_000, waitedFor: 'a condition' }))).to.equal(cause)
  })
})
