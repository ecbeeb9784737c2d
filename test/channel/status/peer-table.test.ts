import { expect } from 'chai'
import { type EndReport, reportBytes } from '../../../lib/channel/status/end-report.js'
import { PeerTable } from '../../../lib/channel/status/peer-table.js'
import { rules } from '../../../lib/channel/status/rules.js'
import { schemaKey, type StatusEntry, statusKey } from '../../../lib/channel/status/status-log.js'
import { type Status, statusValue } from '../../../lib/channel/status/status-message.js'

const PATIENCE_MS = 120_000
const GAP_MS = 15_000

describe('PeerTable', () => {
  let now: number
  let offset: number
  let table: PeerTable
  beforeEach(() => {
    now = 0
    offset = 0
    const clock = { now: () => now }
    table = new PeerTable({ channelName: 'c', clock, rules, gapMs: GAP_MS })
  })

  function entry(status: Status, report: Partial<EndReport> | undefined, sender = 'w'): StatusEntry {
    const whole = {
      incarnation: 'one',
      state: 'Started',
      stateMs: 0,
      groupSize: 1,
      heartbeatMs: 2000,
      fingerprint: null,
      ends: null,
      topicId: null,
      takenBackTo: null,
      committed: null,
      finishedUpTo: 0,
      error: null,
      blames: null,
      ...report
    } as const
    const message = { channelName: 'c', sender, groupName: null, groupIndex: 0, status, payload: null, timestamp: 1 }
    return {
      role: 'writer',
      offset: offset++,
      key: Buffer.from(statusKey(sender, status)),
      value: statusValue(message),
      report: report && reportBytes(whole)
    }
  }

  const apply = (status: Status, report?: Partial<EndReport>): void => void table.apply(entry(status, report ?? {}))
  const state = (): string | undefined => table.peer('writer', 'w')?.state

  it('knows an end from any one of its messages, since each carries the whole state', () => {
    apply('HealthCheck', { state: 'Stopped', ends: new Map([[3, 7]]) })
    expect(table.peer('writer', 'w')).to.deep.include({ state: 'Stopped', ends: new Map([[3, 7]]), incarnation: 'one' })
  })

  it('takes the incarnation whose Opened stands later for the newer, and counts messages of the other as stale', () => {
    apply('Opened', { state: 'Opened' })
    apply('Opened', { state: 'Opened', incarnation: 'two' })
    apply('Closed', { state: 'Closed' })
    expect([state(), table.peer('writer', 'w')?.incarnation, table.stale]).to.deep.equal(['Opened', 'two', 1])
  })

  it('keeps the largest finishedUpTo of a principal, though a newer incarnation opens without having seen it', () => {
    apply('Closed', { state: 'Closed', finishedUpTo: 7 })
    apply('Opened', { state: 'Opened', incarnation: 'two', finishedUpTo: 0 })
    expect(table.peer('writer', 'w')).to.deep.include({ incarnation: 'two', finishedUpTo: 7 })
  })

  it('goes by the events that an end of pypz sends, and from Error only by Opened and Started', () => {
    const states = (['Opened', 'HealthCheck', 'Started', 'Error', 'Closed', 'HealthCheck', 'Opened'] as const).map(
      status => {
        table.apply(entry(status, undefined))
        return state()
      }
    )
    expect(states).to.deep.equal(['Opened', 'Opened', 'Started', 'Error', 'Error', 'Error', 'Opened'])
  })

  it('takes an end for lost when it was silent for its patience, while the log could be read', () => {
    apply('Opened')
    for (; now <= PATIENCE_MS + GAP_MS; now += 5000) table.confirm(now)
    expect(isLost()).to.equal(true)
  })

  it('takes nobody for lost because time passed without a look', () => {
    apply('Opened')
    table.confirm(0)
    now = 10 * PATIENCE_MS
    expect(isLost()).to.equal(false)
  })

  it('begins patience anew after the log could not be read for a while', () => {
    apply('Opened')
    for (; now < PATIENCE_MS - 5000; now += 5000) table.confirm(now)
    now += 10 * PATIENCE_MS
    for (const end = now + PATIENCE_MS; now <= end; now += 5000) table.confirm(now)
    expect(isLost()).to.equal(false)
    for (const end = now + 10_000; now <= end; now += 5000) table.confirm(now)
    expect(isLost()).to.equal(true)
  })

  it('waits for an end of a large group as long as it takes for several of its reports', () => {
    apply('Opened', { heartbeatMs: 60_000 })
    for (; now <= 200_000; now += 5000) table.confirm(now)
    expect(isLost()).to.equal(false)
  })

  it('is not said to be caught up before the log was read to its end', () => {
    apply('Opened')
    expect(table.isCaughtUp).to.equal(false)
    table.confirm(now)
    expect(table.isCaughtUp).to.equal(true)
  })

  it('keeps the schemas that writers announce, and passes over keys that are neither', () => {
    const key = Buffer.from(schemaKey('0123456789abcdef'))
    table.apply({ role: 'writer', offset: 0, key, value: Buffer.from('"int"'), report: undefined })
    table.apply({ role: 'writer', offset: 1, key: Buffer.from('other'), value: Buffer.from('x'), report: undefined })
    table.apply({ role: 'writer', offset: 2, key: null, value: Buffer.from('x'), report: undefined })
    expect([...table.schemas]).to.deep.equal([['0123456789abcdef', '"int"']])
    expect(table.malformed).to.equal(0)
  })

  it('C50: counts a schema that is none, and keeps the one before', () => {
    const key = Buffer.from(schemaKey('0123456789abcdef'))
    for (const [offset, value] of [Buffer.from('"int"'), Buffer.from('{'), null].entries()) {
      table.apply({ role: 'writer', offset, key, value, report: undefined })
    }
    expect([...table.schemas]).to.deep.equal([['0123456789abcdef', '"int"']])
    expect(table.malformed).to.equal(2)
    expect(table.lastProblem).to.contain('the schema of fingerprint 0123456789abcdef is no JSON')
  })

  it('C50: counts what is no status message, and takes the next', () => {
    const key = Buffer.from('w.state.Opened')
    table.apply({ role: 'writer', offset: 0, key, value: Buffer.from('{'), report: undefined })
    table.apply({ ...entry('Opened', {}), report: Buffer.from('[]') })
    apply('Opened')
    expect([table.malformed, state()]).to.deep.equal([2, 'Started'])
    expect(table.lastProblem).to.contain('the writers\u0027 status topic')
  })

  it('changes its version for whatever leads to another conclusion, and not for a sign of life', () => {
    apply('Opened')
    const { version } = table
    apply('HealthCheck')
    expect(table.version).to.equal(version)
    apply('Stopped', { state: 'Stopped' })
    expect(table.version).to.be.above(version)
  })

  function isLost(): boolean {
    const peer = table.peer('writer', 'w')
    return peer !== undefined && table.isLost(peer, PATIENCE_MS)
  }
})
