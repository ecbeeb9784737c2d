/** docs/protocol-example.jsonl, which other implementations are tried against: whether it is what this one writes and reads. */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { RecordType } from 'millrace'
import { parseReport, reportBytes } from '../../../lib/channel/status/end-report.js'
import { PeerTable } from '../../../lib/channel/status/peer-table.js'
import { rules } from '../../../lib/channel/status/rules.js'
import { parseStatus, statusValue } from '../../../lib/channel/status/status-message.js'

interface ExampleRecord {
  readonly topic: string
  readonly offset: number
  readonly key: string
  readonly value: string
  readonly millrace?: string
  readonly hex?: string
}

const channelName = 'plant.samples'
const records = readFileSync('docs/protocol-example.jsonl', 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line) as ExampleRecord)

const roleOf = ({ topic }: ExampleRecord) => (topic.endsWith('.input.state') ? 'reader' : 'writer')

describe('the example of the protocol', () => {
  it('has status messages that are written to the letter as they stand there', () => {
    for (const { value, millrace } of records) {
      if (millrace === undefined) continue
      const message = parseStatus(Buffer.from(value), channelName)
      const report = parseReport(Buffer.from(millrace))
      if (typeof message !== 'object' || typeof report !== 'object') throw new TypeError(`none: ${value}`)
      expect(statusValue(message).toString()).to.equal(value)
      expect(reportBytes(report).toString()).to.equal(millrace)
    }
  })

  it('leads to a run that is over', () => {
    const table = new PeerTable({ channelName, clock: { now: () => 0 }, rules, gapMs: 15_000 })
    for (const record of records.filter(({ hex }) => hex === undefined)) {
      const { offset, key, value, millrace } = record
      const report = millrace === undefined ? undefined : Buffer.from(millrace)
      table.apply({ role: roleOf(record), offset, key: Buffer.from(key), value: Buffer.from(value), report })
    }
    expect([table.malformed, table.stale]).to.deep.equal([0, 0])
    const [press, sensor] = [table.peer('reader', 'plant.press'), table.peer('writer', 'plant.sensor')]
    expect([press?.state, sensor?.state]).to.deep.equal(['Closed', 'Closed'])
    expect(sensor?.ends).to.deep.equal(press?.committed)
    expect(sensor && press && rules.countsForReader(sensor, press.finishedUpTo)).to.equal(false)
  })

  it('has data records of the schema that is announced', () => {
    const schema = records.find(({ key }) => key?.startsWith('schema.'))
    const type = RecordType.of(schema?.value ?? '')
    expect(schema?.key).to.equal(`schema.${type.fingerprint}`)
    const fingerprint = Buffer.from(type.fingerprint, 'hex').reverse().toString('hex')
    const data = records.filter(({ topic }) => topic === channelName).map(({ hex = '' }) => hex)
    expect(data.map(hex => hex.slice(0, 20))).to.deep.equal(data.map(() => `c301${fingerprint}`))
    expect(data.map(hex => type.decode(Buffer.from(hex.slice(20), 'hex')))).to.deep.equal([
      { t: 0, v: 0.5 },
      { t: 1, v: 1 },
      { t: 2, v: -1 }
    ])
  })
})
