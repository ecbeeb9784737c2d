import { expect } from 'chai'
import { TimeoutError } from 'millrace'
import { Deadline } from '../lib/deadline.js'
import { rejection } from './support/rejection.js'

const never = new Promise<never>(() => undefined)

describe('Deadline', () => {
  it('hands on what the promise resolves or rejects with', async () => {
    const deadline = new Deadline({ timeoutMs: 1000 }, 1)
    expect(await deadline.wait(Promise.resolve(7), 'it')).to.equal(7)
    const failure = new Error('no')
    expect(await rejection(deadline.wait(Promise.reject(failure), 'it'))).to.equal(failure)
  })

  it('expires with what it waited for, and how long', async () => {
    const error = await rejection(new Deadline({ timeoutMs: 20 }, 1).wait(never, () => 'the tide'))
    expect(error).to.be.instanceOf(TimeoutError).and.include({ waitedFor: 'the tide', timeoutMs: 20 })
  })

  it('is one for all waits under it', async () => {
    const deadline = new Deadline({ timeoutMs: 20 }, 1)
    await rejection(deadline.wait(never, 'the first'))
    expect(deadline.remainingMs).to.equal(0)
    expect(() => deadline.check('the second')).to.throw(TimeoutError, 'the second')
  })

  it('ends with the reason of its signal, before and while it waits', async () => {
    const abort = new AbortController()
    const deadline = new Deadline({ signal: abort.signal }, 10_000)
    const waiting = rejection(deadline.wait(never, 'it'))
    const pausing = rejection(deadline.pause(10_000, 'it'))
    const reason = new Error('enough')
    abort.abort(reason)
    expect([await waiting, await pausing]).to.deep.equal([reason, reason])
    expect(await rejection(deadline.wait(Promise.resolve(), 'it'))).to.equal(reason)
  })

  it('never waits longer for a part than for the whole', async () => {
    const whole = new Deadline({ timeoutMs: 20 }, 1)
    expect(whole.within(10_000).timeoutMs).to.be.at.most(20)
    expect(await rejection(whole.within(10_000).wait(never, 'it'))).to.be.instanceOf(TimeoutError)
  })

  it('may be infinite', async () => {
    const deadline = new Deadline({}, Infinity)
    expect(await deadline.wait(Promise.resolve(1), 'it')).to.equal(1)
    expect(deadline.remainingMs).to.equal(Infinity)
  })

  it('refuses times and signals that are none', () => {
    for (const timeoutMs of [0, -1, Number.NaN, '5' as unknown as number]) {
      expect(() => new Deadline({ timeoutMs }, 1)).to.throw(RangeError, 'timeoutMs')
    }
    expect(() => new Deadline({ signal: {} as AbortSignal }, 1)).to.throw(TypeError, 'signal')
  })
})
