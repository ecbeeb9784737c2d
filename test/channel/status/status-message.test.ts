import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseReport, reportBytes, type EndReport } from '../../../lib/channel/status/end-report.js'
import { parseStatus, statusValue, type StatusMessage } from '../../../lib/channel/status/status-message.js'

const CHANNEL = 'pipeline.reader.input'

const message: StatusMessage = {
  channelName: CHANNEL,
  sender: 'pipeline.writer.output',
  groupName: null,
  groupIndex: 0,
  status: 'HealthCheck',
  payload: { sentRecordCount: 5 },
  timestamp: 1_700_000_000_000
}

describe('status messages', () => {
  it('are exactly the seven fields of the original, in its order', () => {
    expect(statusValue(message).toString()).to.equal(
      '{"channel_name":"pipeline.reader.input","channel_context_name":"pipeline.writer.output",' +
        '"channel_group_name":null,"channel_group_index":0,"status":"HealthCheck",' +
        '"payload":{"sentRecordCount":5},"timestamp":1700000000000}'
    )
  })

  it('come back as they were', () => {
    expect(parseStatus(statusValue(message), CHANNEL)).to.deep.equal(message)
  })

  it('C50: what is none is told in words, whatever it is', () => {
    const lines = readFileSync('test/fixtures/status-bad.ndjson', 'utf8').trim().split('\n')
    expect(lines.length).to.be.above(15)
    for (const line of lines) {
      const { value } = JSON.parse(line) as { value: { $bytes: string } | null }
      const bytes = value && Buffer.from(value.$bytes, 'hex')
      const named = bytes && Buffer.from(bytes.toString('latin1').replace('@CHANNEL', CHANNEL), 'latin1')
      expect(parseStatus(named, CHANNEL), String(named)).to.be.a('string')
    }
  })

  it('C50: one of a megabyte, of another channel, of a field too many is none', () => {
    const huge = statusValue({ ...message, payload: 'x'.repeat(1024 * 1024) })
    expect(parseStatus(huge, CHANNEL)).to.contain('bytes')
    expect(parseStatus(statusValue(message), 'another')).to.equal('it is of another channel')
    const more = Buffer.from(JSON.stringify({ ...JSON.parse(statusValue(message).toString()), more: 1 }))
    expect(parseStatus(more, CHANNEL)).to.contain('fields')
  })
})

describe('reports of ends', () => {
  const report: EndReport = {
    incarnation: 'a1',
    state: 'Stopped',
    stateMs: 12,
    groupSize: 3,
    heartbeatMs: 2000,
    fingerprint: '0123456789abcdef',
    ends: new Map([
      [0, 5],
      [7, 9_007_199_254_740_991]
    ]),
    topicId: 'an id',
    committed: new Map([[3, 9]]),
    finishedUpTo: 4,
    takenBackTo: null,
    error: null,
    blames: null
  }

  it('come back as they were', () => {
    expect(parseReport(reportBytes(report))).to.deep.equal(report)
    for (const nothing of [{ ends: null }, { committed: null }, { topicId: null }, { takenBackTo: -1 }]) {
      expect(parseReport(reportBytes({ ...report, ...nothing }))).to.deep.equal({ ...report, ...nothing })
    }
  })

  it('of a later version are taken for what is known of them', () => {
    const later = JSON.parse(reportBytes(report).toString()) as object
    const bytes = Buffer.from(JSON.stringify({ ...later, version: 7, region: 'north' }))
    expect(parseReport(bytes)).to.deep.equal(report)
  })

  it('of before they had all fields know of none', () => {
    const { topicId, committed, takenBackTo, ...before } = JSON.parse(
      reportBytes({ ...report, takenBackTo: 5 }).toString()
    ) as Record<string, unknown>
    expect([topicId, committed, takenBackTo]).to.deep.equal(['an id', [[3, 9]], 5])
    const bytes = Buffer.from(JSON.stringify(before))
    expect(parseReport(bytes)).to.deep.equal({ ...report, topicId: null, committed: null })
  })

  it('are missing from the messages of pypz', () => {
    expect(parseReport(undefined)).to.equal(undefined)
  })

  it('C50: with a field that is none of theirs are told in words', () => {
    const whole = JSON.parse(reportBytes(report).toString()) as Record<string, unknown>
    for (const wrong of [
      { incarnation: '' },
      { incarnation: 5 },
      { takenBackTo: -2 },
      { state: 'Sleeping' },
      { groupSize: -1 },
      { ends: [[0]] },
      { ends: [[0, -1]] },
      { ends: 'all' },
      { committed: [[1, 2, 3]] },
      { topicId: 7 },
      { finishedUpTo: 1.5 },
      { error: {} },
      { heartbeatMs: null }
    ]) {
      expect(parseReport(Buffer.from(JSON.stringify({ ...whole, ...wrong }))), JSON.stringify(wrong)).to.be.a('string')
    }
    for (const text of ['', '[]', 'null', '5', '{', '{}'])
      expect(parseReport(Buffer.from(text)), text).to.be.a('string')
  })
})
