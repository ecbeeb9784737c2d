import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { TimeoutError } from 'millrace'
import { Deadline } from '../lib/deadline.js'
import { eventually } from './support/eventually.js'
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

  it('leaves nothing on a promise that many wait for in vain, one after the other', async () => {
    let settle = (_value: number): void => undefined
    const shared = new Promise<number>(resolve => (settle = resolve))
    let reactions = 0
    const react = shared.then.bind(shared)
    Reflect.set(shared, 'then', (...args: Parameters<typeof react>) => {
      reactions++
      return react(...args)
    })
    for (let i = 0; i < 10; i++) {
      const abort = new AbortController()
      const waits = [
        rejection(new Deadline({ timeoutMs: 1 }, 1).wait(shared, 'it')),
        rejection(new Deadline({ signal: abort.signal }, Infinity).wait(shared, 'it')),
        rejection(new Deadline({ signal: AbortSignal.abort(), timeoutMs: 1000 }, 1).wait(shared, 'it'))
      ]
      abort.abort()
      await Promise.all(waits)
    }
    const two = [1, 2].map(() => new Deadline({ timeoutMs: 10_000 }, 1).wait(shared, 'it'))
    settle(7)
    expect(await Promise.all(two)).to.deep.equal([7, 7])
    expect(reactions).to.equal(1)
    expect(await new Deadline({ timeoutMs: 10_000 }, 1).wait(shared, 'it'), 'after it has settled').to.equal(7)
  })

  it('is one for all waits under it', async () => {
    const deadline = new Deadline({ timeoutMs: 20 }, 1)
    await rejection(deadline.wait(never, 'the first'))
    // A timer may fire a fraction of a millisecond early.
    await eventually(() => deadline.remainingMs === 0, { timeoutMs: 10_000, waitedFor: 'the deadline' })
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

  it('ends a part with the signal of the whole', async () => {
    const abort = new AbortController()
    const part = new Deadline({ signal: abort.signal }, 60_000).within(10_000)
    const waiting = rejection(part.wait(never, 'it'))
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await waiting).to.equal(reason)
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

  it('takes the default where no time is given', () => {
    expect(new Deadline({}, 1234).timeoutMs).to.equal(1234)
    expect(new Deadline({ timeoutMs: 5 }, 1234).timeoutMs).to.equal(5)
  })

  it('gives timers and librdkafka a whole number that they can take', () => {
    expect(new Deadline({ timeoutMs: Infinity }, 1).remainingWithin()).to.equal(2 ** 31 - 1)
    expect(new Deadline({ timeoutMs: 10_000.5 }, 1).remainingWithin(100)).to.equal(100)
    expect(new Deadline({ timeoutMs: 0.01 }, 1).remainingWithin()).to.equal(1)
    expect(new Deadline({ timeoutMs: 10_000 }, 1).remainingWithin(0)).to.equal(1)
    expect(Number.isInteger(new Deadline({ timeoutMs: 10_000.5 }, 1).remainingWithin())).to.equal(true)
  })

  it('says with its error what the last attempt met', async () => {
    const cause = new Error('not yet')
    const deadline = new Deadline({ timeoutMs: 5 }, 1)
    const pausing = async (): Promise<void> => {
      for (;;) await deadline.pause(60_000, 'a retry', cause)
    }
    expect(await rejection(pausing()))
      .to.be.instanceOf(TimeoutError)
      .with.property('cause', cause)
  })

  it('asks what it waited for when it expires, not before', async () => {
    let open = 3
    const waiting = rejection(new Deadline({ timeoutMs: 1 }, 1).wait(never, () => `${open} records`))
    open = 2
    expect((await waiting).message).to.equal('waited 1 ms for 2 records')
  })

  it('lets a pause take its time', async () => {
    let hasTurned = false
    setImmediate(() => (hasTurned = true))
    await new Deadline({ timeoutMs: 60_000 }, 1).pause(5, 'a retry')
    expect(hasTurned).to.equal(true)
  })

  it('leaves no listener at its signal, however the wait ends', async () => {
    const { signal } = new AbortController()
    await new Deadline({ timeoutMs: 60_000, signal }, 1).wait(Promise.resolve(), 'it')
    await rejection(new Deadline({ timeoutMs: 60_000, signal }, 1).wait(Promise.reject(new Error('no')), 'it'))
    await rejection(new Deadline({ timeoutMs: 1, signal }, 1).wait(never, 'it'))
    expect(getEventListeners(signal, 'abort')).to.have.length(0)
  })

  it('lets a promise fail unheard that nobody waits for any more', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      let fail: (error: Error) => void = () => undefined
      const late = new Promise<void>((_, reject) => (fail = reject))
      await rejection(new Deadline({ timeoutMs: 1 }, 1).wait(late, 'it'))
      fail(new Error('too late'))
      // The signal has ended the wait before it began.
      const aborted = new Deadline({ signal: AbortSignal.abort() }, 1)
      await rejection(aborted.wait(Promise.reject(new Error('unheard')), 'it'))
      await turn()
      await turn()
    } finally {
      process.off('unhandledRejection', listener)
    }
    expect(unhandled).to.deep.equal([])
  })

  it('lets one signal end many waits without a warning of a leak', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error): number => warnings.push(warning)
    process.on('warning', listener)
    try {
      const controller = new AbortController()
      const waits = Array.from({ length: 100 }, () =>
        rejection(new Deadline({ signal: controller.signal }, 60_000).wait(never, 'it'))
      )
      await turn()
      controller.abort()
      expect((await Promise.all(waits)).every(error => error.name === 'AbortError')).to.equal(true)
      await turn()
    } finally {
      process.off('warning', listener)
    }
    expect(warnings).to.deep.equal([])
  })
})
