import { expect } from 'chai'
import type { Outcome } from './check.js'
import type { ReadRun } from './events.js'
import { ack, end, judge, read, run, Script, sent, settled, values, WHOLE, written } from './script.js'

describe('the checker on good histories', () => {
  const good = (
    name: string,
    script: () => Script,
    log: readonly ReadRun[],
    verify?: (outcome: Outcome) => void
  ): void => {
    it(`finds nothing where ${name}`, () => {
      const outcome = judge(script(), log)
      expect(outcome.findings.found).to.deep.equal([])
      expect(outcome.violated).to.deep.equal([])
      verify?.(outcome)
    })
  }

  good(
    'everything went well',
    () => written().life('reader0', 1, read(run(0, 4)), ...settled(5), read(run(5, 9)), ...settled(10), end),
    WHOLE,
    ({ counts }) => expect(counts).to.include({ sent: 10, acknowledged: 10, read: 10, reRead: 0, deaths: 0, lives: 2 })
  )
  good(
    'a reader died, and read its window again',
    () =>
      written()
        .life('reader0', 1, read(run(0, 4)), ...settled(5), read(run(5, 8)))
        .life('reader0', 2, read(run(5, 9)), ...settled(10), end),
    WHOLE,
    ({ counts }) => expect(counts).to.include({ read: 14, reRead: 4, reReadBound: 5, deaths: 1 })
  )
  good(
    'a reader was opened again in one life, after an error',
    () =>
      written().life('reader0', 1, read(run(0, 4)), { e: 'open', r: 'reader0' }, read(run(0, 9)), ...settled(10), end),
    WHOLE,
    ({ counts }) => expect(counts).to.include({ reRead: 5, reReadBound: 5 })
  )
  good(
    'two readers had the partition in turn',
    () =>
      written()
        .life('reader0', 1, read(run(0, 4)), ...settled(5), end)
        .life('reader1', 1, { e: 'read', r: 'reader1', p: 0, runs: [run(5, 9)] }, end),
    WHOLE
  )
  good(
    'a batch of unknown outcome is in the log, and another is not',
    () =>
      new Script()
        .life('writer0', 1, sent(0, 9), ack(0, 3), { e: 'unknown', ...values(4, 9) }, end)
        .life('reader0', 1, read(run(0, 5), run(8, 9, 6)), ...settled(8), end),
    [run(0, 5), run(8, 9, 6)],
    ({ counts }) => expect(counts).to.include({ unknown: 6, inLog: 8 })
  )
  good(
    'a writer died before any answer, and its next life goes on',
    () =>
      new Script()
        .life('writer0', 1, sent(0, 4))
        .life('writer0', 2, sent(0, 4, 2), ack(0, 4, 2), end)
        .life('reader0', 1, read(run(0, 2), run(0, 4, 3, { life: 2 })), ...settled(8), end),
    [run(0, 2), run(0, 4, 3, { life: 2 })]
  )
  good(
    'a failed batch is not in the log',
    () =>
      new Script()
        .life('writer0', 1, sent(0, 9), ack(0, 4), { e: 'fail', ...values(5, 9) }, end)
        .life('reader0', 1, read(run(0, 4)), ...settled(5), end),
    [run(0, 4)]
  )
  good(
    'an aborted transaction left a gap, and readers do not know the offsets beside it',
    () =>
      new Script()
        .life(
          'writer0',
          1,
          { e: 'sent', tx: 1, ...values(0, 3) },
          { e: 'tx', tx: 1, outcome: 'committed' },
          { e: 'sent', tx: 2, ...values(4, 5) },
          { e: 'tx', tx: 2, outcome: 'aborted' },
          { e: 'sent', tx: 3, ...values(6, 9) },
          { e: 'tx', tx: 3, outcome: 'committed' },
          end
        )
        .life('reader0', 1, read(run(0, 0), run(1, 3, -1), run(6, 8, -1), run(9, 9, 11)), ...settled(12), end),
    [run(0, 3), run(6, 9, 8)],
    ({ counts }) => expect(counts).to.include({ acknowledged: 8, failed: 2 })
  )
  good(
    'what was read was deleted since from the front of the log',
    () => written().life('reader0', 1, read(run(0, 9)), ...settled(10), end),
    [run(6, 9)]
  )
})
