import { fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { eventually } from '../support/eventually.js'
import type { HistoryEvent, NewEvent } from './events.js'
import { HistoryFile, readHistories, readHistory } from './history.js'
import { read, run, settled, values } from './script.js'

function untimed(event: HistoryEvent): NewEvent {
  const entries = Object.entries(event).filter(([name]) => name !== 't')
  return Object.fromEntries(entries) as unknown as NewEvent
}

describe('a history file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-history-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('gives back every event that was appended, with its time', () => {
    const events: NewEvent[] = [
      { e: 'sent', tx: 3, ...values(0, 9) },
      { e: 'tx', tx: 3, outcome: 'committed' },
      read(run(0, 9)),
      ...settled(10),
      { e: 'wait', id: 0, what: 'flush()', until: 5 }
    ]
    const file = HistoryFile.begin(folder, 'writer0')
    file.append(...events)
    file.end()
    const back = [...readHistory(file.path).events]
    expect(back.map(untimed)).to.deep.equal([{ e: 'begin', who: 'writer0', life: 1 }, ...events, { e: 'end' }])
    expect(back.every(({ t }) => Math.abs(t - Date.now()) < 60_000)).to.equal(true)
  })

  it('is a new one in each life of a process', () => {
    const lives = [1, 2].map(() => HistoryFile.begin(folder, 'reader0'))
    const other = HistoryFile.begin(folder, 'reader1')
    for (const file of [...lives, other]) file.end()
    const names = readHistories(folder).map(({ file }) => basename(file))
    expect(names.map(name => name.split('.history')[0])).to.deep.equal(['reader0.1', 'reader0.2', 'reader1.1'])
    expect(lives.map(({ life }) => life)).to.deep.equal([1, 2])
  })

  it('tells of a wait that it was open, and that it ended, however it did', async () => {
    const file = HistoryFile.begin(folder, 'writer0')
    expect(await file.wait('flush()', 1000, Promise.resolve(7))).to.equal(7)
    const failed = file.wait('close()', 1000, Promise.reject(new Error('closed')))
    expect(await failed.catch((error: Error) => error.message)).to.equal('closed')
    file.end(new Error('closed'))
    const kinds = [...readHistory(file.path).events].map(({ e }) => e)
    expect(kinds).to.deep.equal(['begin', 'wait', 'waited', 'wait', 'waited', 'end'])
  })

  it('has everything that its process went on from, when that is killed in the middle of it', async () => {
    const script = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url))
    const acted = join(folder, 'acted')
    const child = fork(script, [folder, acted])
    const exited = once(child, 'exit')
    try {
      const hasActed = (): boolean => (statSync(acted, { throwIfNoEntry: false })?.size ?? 0) > 5000
      await eventually(hasActed, { timeoutMs: 30_000, waitedFor: 'a thousand events that were acted upon' })
    } finally {
      child.kill('SIGKILL')
    }
    expect(await exited).to.deep.equal([null, 'SIGKILL'])
    const [history] = readHistories(folder)
    const written = [...(history?.events ?? [])].flatMap(event => (event.e === 'sent' ? [event.from] : []))
    const lines = readFileSync(acted, 'utf8').split('\n').slice(0, -1)
    expect(written.length).to.be.within(lines.length, lines.length + 1)
    expect(written).to.deep.equal(Array.from(written.keys()))
  })

  for (const torn of ['{"e":"ack","w":"writ', '{"e":"end","t":7}']) {
    it(`drops a last line that did not come to its end: ${torn}`, () => {
      const file = HistoryFile.begin(folder, 'writer0')
      appendFileSync(file.path, torn)
      expect([...readHistory(file.path).events].map(({ e }) => e)).to.deep.equal(['begin'])
    })
  }

  const lines: readonly [line: string, message: string][] = [
    ['{"e":"ack"', ':2: '],
    ['', ':2: '],
    ['[]', ':2: no event is called undefined'],
    ['7', ':2: no object'],
    ['{"e":"begin","who":"writer0","life":2,"t":1}', ':2: begin is the first event, and only it'],
    ['{"e":"acked","t":1}', ':2: no event is called "acked"'],
    ['{"e":"toString","t":1}', ':2: no event is called "toString"'],
    ['{"e":"end"}', ':2: t is undefined, which is no number'],
    ['{"e":"ack","w":"a","life":1,"p":0,"from":5,"to":4,"t":1}', ':2: from 5 is above to 4'],
    ['{"e":"ack","w":"a","life":1,"p":"0","from":5,"to":5,"t":1}', ':2: p is "0", which is no number'],
    ['{"e":"read","r":"a","p":0,"runs":[{}],"t":1}', ':2: w is undefined, which is no text']
  ]
  for (const [line, message] of lines) {
    it(`refuses any other bad line with file and line: ${line}`, () => {
      const file = HistoryFile.begin(folder, 'writer0')
      appendFileSync(file.path, `${line}\n{"e":"end","t":7}\n`)
      expect(() => [...readHistory(file.path).events]).to.throw(`${file.path}${message}`)
    })
  }

  it('refuses a file that does not begin with a begin', () => {
    const path = join(folder, 'writer0.1.history.jsonl')
    writeFileSync(path, '{"e":"end","t":7}\n')
    expect(() => [...readHistory(path).events]).to.throw(`${path}:1: begin is the first event`)
  })

  it('reads lines that lie across the pieces in which a long file is read', () => {
    const file = HistoryFile.begin(folder, 'wr\u00efter')
    const count = 30_000
    const events = Array.from({ length: count }, (_, n): NewEvent => ({
      e: 'ack',
      ...values(n, n, { w: 'wr\u00efter' })
    }))
    file.append(...events)
    file.end()
    const back = [...readHistory(file.path).events].slice(1, -1).map(untimed)
    expect(JSON.stringify(back) === JSON.stringify(events)).to.equal(true)
  })
})
