import { expect } from 'chai'
import type { CheckSettings } from './check.js'
import type { ReadRun } from './events.js'
import { textOf, type Verdict } from './findings.js'
import { ack, end, judge, read, run, Script, sent, settled, values, WHOLE, written } from './script.js'

describe('the checker on bad histories', () => {
  /** @param place - how the first finding begins */
  const bad = (
    name: string,
    verdict: Verdict,
    place: string,
    script: () => Script,
    log: readonly ReadRun[] = WHOLE,
    settings: Partial<CheckSettings> = {}
  ): void => {
    it(`finds ${verdict}: ${name}`, () => {
      const { findings, violated } = judge(script(), log, settings)
      expect(findings.found).to.deep.equal([verdict])
      expect(violated).to.deep.equal([verdict])
      expect(findings.of(verdict).map(textOf)[0]).to.match(new RegExp(`^${place}`))
      expect(judge(script(), log, { ...settings, allow: [verdict] }).violated).to.deep.equal([])
    })
  }
  const readAll = (script: Script, ...runs: readonly ReadRun[]): Script =>
    script.life('reader0', 1, read(...runs), ...settled(10), end)

  bad(
    'what was acknowledged is not in the log',
    'lost',
    'nobody partition 0 writer0/1 #4 and 1 more: .*not in the log',
    () => readAll(written(), run(0, 3), run(6, 9)),
    [run(0, 3), run(6, 9)]
  )
  bad(
    'a reader resumed behind what nobody had read',
    'lost',
    'nobody partition 0 offset 4 writer0/1 #4 and 1 more: is in the log',
    () =>
      written()
        .life('reader0', 1, read(run(0, 3)))
        .life('reader0', 2, read(run(6, 9)), end)
  )
  bad(
    'what nobody sent is in the log',
    'phantom',
    'the log partition 0 offset 10 writer0/1 #10: was never sent',
    () => readAll(written(), run(0, 10)),
    [run(0, 10)]
  )
  bad(
    'a record went to another partition',
    'phantom',
    'the log partition 0 offset 10 writer0/1 #0: was to go to partition 1',
    () =>
      readAll(
        written().life('writer0', 1, { e: 'sent', ...values(0, 0, { p: 1 }) }, end),
        run(0, 9),
        run(0, 0, 10, { p: 1 })
      ),
    [run(0, 9), run(0, 0, 10, { p: 1 })]
  )
  bad(
    'what was reported failed is in the log',
    'aborted read',
    'the log partition 0 offset 5 writer0/1 #5 and 4 more',
    () =>
      readAll(new Script().life('writer0', 1, sent(0, 9), ack(0, 4), { e: 'fail', ...values(5, 9) }, end), run(0, 9))
  )
  bad(
    'what was sent in an aborted transaction is in the log',
    'aborted read',
    'the log partition 0 offset 1 writer0/1 #1 and 8 more',
    () =>
      readAll(
        new Script().life(
          'writer0',
          1,
          sent(0, 0),
          ack(0, 0),
          { e: 'sent', tx: 7, ...values(1, 9) },
          { e: 'tx', tx: 7, outcome: 'aborted' },
          end
        ),
        run(0, 9)
      )
  )
  bad(
    'a reader got another record at an offset than the observer',
    'inconsistent offset',
    'reader0 partition 0 offset 9 writer0/2 #0: the log has writer0/1 #9 there',
    () =>
      new Script()
        .life('writer0', 1, sent(0, 9), ack(0, 8))
        .life('writer0', 2, sent(0, 0, 2), end)
        .life('reader0', 1, read(run(0, 8), run(0, 0, 9, { life: 2 })), ...settled(10), end)
  )
  bad(
    'a reader got a record where the log has nothing',
    'inconsistent offset',
    'reader0 partition 0 offset 10 writer0/1 #10: the log has nothing there',
    () => readAll(written().life('writer0', 1, sent(10, 10), end), run(0, 10))
  )
  bad(
    'a record stands in the log twice',
    'duplicate',
    'the log partition 0 offset 10 writer0/1 #8 and 1 more: first at offset 8',
    () => readAll(written(), run(0, 9), run(8, 9, 10)),
    [run(0, 9), run(8, 9, 10)]
  )
  bad(
    'a reader died, and read more than its window again',
    're-read',
    'reader0 partition 0 offset 7 writer0/1 #7: 6 re-read, at most 5 by 1 deaths or pauses',
    () =>
      written()
        .life('reader0', 1, read(run(0, 1)), ...settled(2), read(run(2, 7)))
        .life('reader0', 2, read(run(2, 9)), ...settled(10), end)
  )
  bad('a reader that nobody had disturbed read again', 're-read', 'reader0 partition 0 offset 4 writer0/1 #4', () =>
    written()
      .life('reader0', 1, read(run(0, 4)), end)
      .life('reader0', 2, read(run(4, 9)), end)
  )
  bad(
    'a reader died, and read again what is to be read exactly once',
    're-read',
    'reader0 partition 0 offset 4 writer0/1 #4: 1 re-read, at most 0 by 1 deaths or pauses',
    () =>
      written()
        .life('reader0', 1, read(run(0, 4)))
        .life('reader0', 2, read(run(4, 9)), end),
    WHOLE,
    { windowRecords: 0 }
  )
  bad(
    'a reader died, and read again what it had committed',
    're-read',
    'reader0 partition 0 offset 3 writer0/1 #3 and 1 more: committed up to 5 before it began',
    () =>
      written()
        .life('reader0', 1, read(run(0, 4)), ...settled(5), read(run(5, 6)))
        .life('reader0', 2, read(run(3, 9)), ...settled(10), end)
  )
  bad('a reader got two records in the wrong order', 'out of order', 'reader0 partition 0 offset 4 writer0/1 #4', () =>
    readAll(written(), run(0, 3), run(5, 5), run(4, 4), run(6, 9))
  )
  bad(
    'the log has two records in the wrong order',
    'out of order',
    'the log partition 0 offset 5 writer0/1 #4',
    () => readAll(written(), run(0, 3), run(5, 5, 4), run(4, 4, 5), run(6, 9)),
    [run(0, 3), run(5, 5, 4), run(4, 4, 5), run(6, 9)]
  )
  bad(
    'what a writer wrote after it was started again stands before what it was told is there',
    'out of order',
    'the log partition 0 offset 2 writer0/2 #0 and 1 more: sent when writer0/1 #2 was acknowledged',
    () =>
      readAll(
        new Script().life('writer0', 1, sent(0, 5), ack(0, 3)).life('writer0', 2, sent(0, 3, 2), ack(0, 3, 2), end),
        run(0, 1),
        run(0, 1, 2, { life: 2 }),
        run(2, 5, 4),
        run(2, 3, 8, { life: 2 })
      ),
    [run(0, 1), run(0, 1, 2, { life: 2 }), run(2, 5, 4), run(2, 3, 8, { life: 2 })]
  )
  bad(
    'a reader jumped over what another one had read',
    'skip',
    'reader0 partition 0 offset 4 writer0/1 #4 and 1 more',
    () =>
      readAll(
        written().life('reader0', 1, read(run(0, 5)), ...settled(2), { e: 'done', r: 'reader0', p: 0, next: 6 }),
        run(2, 3),
        run(6, 9)
      )
  )
  bad(
    'a transaction read its own record',
    'precommitted read',
    'reader0 partition 0 offset 3 writer0/1 #3 and 2 more: transaction 7',
    () =>
      new Script().life(
        'stage',
        1,
        sent(0, 2),
        ack(0, 2),
        { e: 'sent', tx: 7, ...values(3, 5) },
        read(run(0, 5)),
        { e: 'tx', tx: 7, outcome: 'committed' },
        end
      ),
    [run(0, 5)]
  )
  bad(
    'a commit covers what nobody has done',
    'not done',
    'reader0 partition 0 offset 8 writer0/1 #8 and 1 more: committed up to 10',
    () =>
      written().life(
        'reader0',
        1,
        read(run(0, 9)),
        { e: 'done', r: 'reader0', p: 0, next: 8 },
        { e: 'commit', r: 'reader0', p: 0, next: 10 },
        end
      )
  )
  bad(
    'a commit came before what it covers was done',
    'not done',
    'reader0 partition 0 offset 8 writer0/1 #8 and 1 more: committed up to 10 before that',
    () =>
      written().life(
        'reader0',
        1,
        read(run(0, 9)),
        { e: 'done', r: 'reader0', p: 0, next: 8 },
        { e: 'commit', r: 'reader0', p: 0, next: 10 },
        { e: 'done', r: 'reader0', p: 0, next: 10 },
        end
      )
  )
  bad(
    'a commit came before what it covers was read',
    'not done',
    'reader0 partition 0 offset 5 writer0/1 #5 and 2 more: committed up to 8 before that',
    () => written().life('reader0', 1, read(run(0, 4)), ...settled(8), read(run(5, 9)), ...settled(10), end)
  )
  bad(
    'something acknowledged was not read until the end',
    'unseen',
    'nobody partition 0 offset 7 writer0/1 #7 and 2 more',
    () => written().life('reader0', 1, read(run(0, 6)), ...settled(7), end)
  )
  bad(
    'a wait did not end at its deadline',
    'stuck',
    'reader0/1: still waited for flush\\(\\) 7000 ms past its deadline',
    () =>
      readAll(written(), run(0, 9)).life(
        'reader0',
        1,
        { e: 'wait', id: 0, what: 'read()', until: 2000, t: 1000 },
        { e: 'waited', id: 0, t: 2000 },
        { e: 'wait', id: 1, what: 'flush()', until: 3000, t: 2000 }
      ),
    WHOLE,
    { endTime: 10_000 }
  )
  bad(
    'a wait ended long after its deadline',
    'stuck',
    'reader0/1: waited for read\\(\\) until 7000 ms past its deadline',
    () =>
      readAll(written(), run(0, 9)).life(
        'reader0',
        1,
        { e: 'wait', id: 0, what: 'read()', until: 2000, t: 1000 },
        { e: 'waited', id: 0, t: 9000 },
        end
      )
  )
  bad('nothing happened at all', 'empty', 'nobody: nothing was acknowledged', () => new Script(), [])
  bad(
    'of what was sent nothing came anywhere',
    'empty',
    'nobody: nothing was acknowledged',
    () => new Script().life('writer0', 1, sent(0, 9)).life('reader0', 1, end),
    []
  )
})

describe('the checker', () => {
  it('takes a wait for ended where its process was killed', () => {
    const script = written()
      .life('reader0', 1, read(run(0, 9)), { e: 'wait', id: 1, what: 'read()', until: 3000, t: 2000 })
      .life('parent', 1, { e: 'killed', who: 'reader0', life: 1, t: 2500 }, end)
    expect(judge(script, WHOLE, { endTime: 100_000 }).findings.found).to.deep.equal([])
  })

  it('tells the longest time in which a partition gave nothing though something acknowledged was unread', () => {
    const script = new Script()
      .life('writer0', 1, sent(0, 9), { ...ack(0, 4), t: 100 }, { ...ack(5, 9), t: 5000 }, end)
      .life(
        'reader0',
        1,
        { ...read(run(0, 2)), t: 150 },
        { ...read(run(3, 4)), t: 900 },
        { ...read(run(5, 9)), t: 5600 }
      )
    expect(judge(script, WHOLE).stall).to.deep.equal({ ms: 750, partition: 0, from: 150 })
  })

  it('looks only at the writers and readers of the channel', () => {
    const script = written().life(
      'reader0',
      1,
      read(run(0, 9)),
      { e: 'read', r: 'of another group', p: 0, runs: [run(0, 9)] },
      { e: 'sent', ...values(0, 9, { w: 'of another channel' }) },
      end
    )
    const { counts, findings } = judge(script, WHOLE, { isOfChannel: end => !end.startsWith('of another') })
    expect(findings.found).to.deep.equal([])
    expect(counts).to.include({ sent: 10, read: 10 })
  })

  it('refuses a reading of the log that does not rise', () => {
    expect(() => judge(written(), [run(5, 9), run(0, 4)])).to.throw('read offset 0 of partition 0 out of turn')
  })
})
