import { expect } from 'chai'
import { ChannelEnd } from '../../../lib/channel/status/channel-end.js'
import { ChannelStatus } from '../../../lib/channel/status/channel-status.js'
import { rules } from '../../../lib/channel/status/rules.js'
import type { NewEntry, StatusEntry, StatusLog } from '../../../lib/channel/status/status-log.js'
import { type Clock, Deadline } from '../../../lib/deadline.js'
import { VirtualTime } from '../../simulation/virtual-time.js'

/** A log whose brokers are away at times: what is asked of it then is answered when they are back, if that is in time. */
class LogWithOutages implements StatusLog {
  isUp = true
  #back: (() => void)[] = []
  #onEntries: (entries: readonly StatusEntry[]) => void = () => undefined
  #offset = 0

  follow(onEntries: (entries: readonly StatusEntry[]) => void): void {
    this.#onEntries = onEntries
  }

  async append({ role, key, value, report }: NewEntry, deadline: Deadline): Promise<void> {
    await this.#whenUp(deadline)
    this.#onEntries([{ role, key: Buffer.from(key), value, report, offset: this.#offset++ }])
  }

  readToEnd(deadline: Deadline): Promise<void> {
    return this.#whenUp(deadline)
  }

  comeBack(): void {
    this.isUp = true
    for (const go of this.#back.splice(0)) go()
  }

  #whenUp(deadline: Deadline): Promise<void> {
    if (this.isUp) return Promise.resolve()
    return deadline.wait(new Promise(resolve => this.#back.push(resolve)), 'the brokers')
  }
}

describe('ChannelStatus in an outage', () => {
  let time: VirtualTime
  let clock: Clock
  let log: LogWithOutages
  let status: ChannelStatus
  beforeEach(() => {
    time = new VirtualTime()
    clock = { now: () => time.now, after: (ms, act) => time.after(ms, act) }
    log = new LogWithOutages()
    status = new ChannelStatus({ channelName: 'c', log, clock, rules, confirmMs: 5000 })
  })
  afterEach(() => status.close())

  /** @returns what became of it, and when */
  async function outcome(promise: Promise<unknown>): Promise<{ readonly error: string; readonly at: number }> {
    let ended: { readonly error: string; readonly at: number } | undefined
    promise.then(
      () => (ended = { error: '', at: time.now }),
      ({ message }: Error) => (ended = { error: message, at: time.now })
    )
    await time.run(() => ended !== undefined, time.now + 100_000)
    return ended ?? { error: 'nothing', at: time.now }
  }

  function openEnd(): Promise<ChannelEnd> {
    const self = { role: 'writer', name: 'w', groupName: null, groupIndex: 0, groupSize: 1 } as const
    const options = { status, self, incarnation: 'one', partitionCount: 1, heartbeatMs: 2000, patienceMs: 120_000 }
    return ChannelEnd.open({ ...options, wallClock: () => 1 }, new Deadline({}, 60_000, clock))
  }

  it('is read to its end after an outage that is shorter than the deadline of who waits', async () => {
    log.isUp = false
    clock.after(40_000, () => log.comeBack())
    const { error, at } = await outcome(status.readToEnd(new Deadline({}, 60_000, clock)))
    expect([error, at]).to.deep.equal(['', 40_000])
  })

  it('is given up at the deadline of who waits, and that is what the error says', async () => {
    log.isUp = false
    const { error, at } = await outcome(status.readToEnd(new Deadline({}, 20_000, clock)))
    expect(error).to.equal('waited 20000 ms for the status messages of c to be read to their end')
    expect(at).to.equal(20_000)
  })

  it('what an end says is given up at its deadline, however long a heartbeat before it may take', async () => {
    const end = await openEnd()
    log.isUp = false
    await time.run(() => false, 10_000)
    const { error, at } = await outcome(end.tell({ state: 'Stopped' }, new Deadline({}, 1000, clock)))
    expect(error).to.contain('waited 1000 ms for')
    expect(at).to.be.within(11_000 - 2000, 11_000)
    end.end()
  })
})
