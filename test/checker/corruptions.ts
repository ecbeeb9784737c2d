/** What can go wrong in a run, each put into a generated good one at a random place. */
import type { Random } from '../support/random.js'
import type { HistoryEvent, ReadRun } from './events.js'
import type { Verdict } from './findings.js'
import { type Generated, WINDOW_RECORDS } from './generated.js'
import {
  always,
  atRead,
  atRecord,
  changeEvents,
  covers,
  cutSent,
  isAcked,
  isFollowed,
  isNotLast,
  lifeOf,
  removeReads,
  swap,
  swapValues
} from './places.js'

export interface Corruption {
  readonly name: string
  readonly verdict: Verdict
  /** What may be found beside it. */
  readonly others?: readonly Verdict[]
  /** @returns false where the run has no place for it */
  readonly apply: (run: Generated, random: Random) => boolean
}

export const corruptions: readonly Corruption[] = [
  {
    name: 'something acknowledged vanishes',
    verdict: 'lost',
    apply: (run, random) =>
      atRecord(run, random, isAcked, ({ p, at }) => {
        run.log[p] = (run.log[p] as ReadRun[]).filter(one => one.at !== at)
        removeReads(run, p, one => one.at === at)
      })
  },
  {
    name: 'no reader gets a record',
    verdict: 'lost',
    others: ['skip', 'not done'],
    apply: (run, random) => atRecord(run, random, isNotLast, ({ p, at }) => removeReads(run, p, one => one.at === at))
  },
  {
    name: 'a record was never sent',
    verdict: 'phantom',
    apply: (run, random) => atRecord(run, random, always, record => cutSent(run, record))
  },
  {
    name: 'a reader reads what does not exist',
    verdict: 'phantom',
    others: ['inconsistent offset', 'lost', 'unseen', 'out of order'],
    apply: (run, random) =>
      atRead(run, random, always, ({ runs }, i) => {
        const { from, ...other } = runs[i] as ReadRun
        runs[i] = { ...other, from: from + 1_000_000, to: from + 1_000_000 }
      })
  },
  {
    name: 'a record was reported failed',
    verdict: 'aborted read',
    apply: (run, random) =>
      atRecord(run, random, always, record => {
        const life = lifeOf(run, record)
        life.events.unshift({ ...record, e: 'fail', t: life.events[0]?.t ?? 0 })
      })
  },
  {
    name: 'a reader gets another record of the log',
    verdict: 'inconsistent offset',
    others: ['lost', 'unseen', 'out of order'],
    apply: (run, random) =>
      atRead(run, random, always, ({ runs, p }, i) => {
        const { at } = runs[i] as ReadRun
        const other = random.pick(run.log[p] as ReadRun[])
        // One record alone can be changed for no other.
        if (other.at === at) return false
        runs[i] = { ...other, at }
        return true
      })
  },
  {
    name: 'a record is in the log twice',
    verdict: 'duplicate',
    apply: (run, random) =>
      atRecord(run, random, always, record => {
        const log = run.log[record.p] as ReadRun[]
        log.push({ ...record, at: (log.at(-1) as ReadRun).at + 1 })
      })
  },
  {
    name: 'readers begin again',
    verdict: 're-read',
    apply: (run, random) =>
      atRecord(run, random, always, ({ p }) => {
        const runs = [...(run.log[p] as ReadRun[])]
        const most = run.lives.length * WINDOW_RECORDS
        for (let again = 0; again <= most; again += runs.length) {
          run.append(run.begin('again', 1), { e: 'read', r: 'again', p, runs }, { e: 'end' })
        }
      })
  },
  {
    name: 'a reader gets two records in the wrong order',
    verdict: 'out of order',
    apply: (run, random) =>
      atRead(
        run,
        random,
        (event, i) => i + 1 < event.runs.length,
        ({ runs }, i) => swap(runs, i)
      )
  },
  {
    name: 'the log has two records in the wrong order',
    verdict: 'out of order',
    apply: (run, random) => atRecord(run, random, isFollowed, ({ p, at }) => swapValues(run, p, at))
  },
  {
    name: 'a reader jumps over a record',
    verdict: 'skip',
    others: ['lost', 'not done'],
    apply: (run, random) =>
      atRead(
        run,
        random,
        (event, i) => i > 0 && i + 1 < event.runs.length,
        ({ runs }, i) => void runs.splice(i, 1)
      )
  },
  {
    name: 'a transaction reads its own record',
    verdict: 'precommitted read',
    others: ['re-read'],
    apply: (run, random) =>
      atRecord(run, random, always, record => {
        const { events, who } = lifeOf(run, record)
        const i = events.findIndex(event => event.e === 'sent' && covers(event, record))
        const sent = events[i] as Extract<HistoryEvent, { e: 'sent' }>
        const read: HistoryEvent = { e: 'read', r: who, p: record.p, runs: [record], t: sent.t }
        events.splice(i, 1, { ...sent, tx: 1 }, read, { e: 'tx', tx: 1, outcome: 'committed', t: sent.t })
      })
  },
  {
    name: 'commits cover what is not done',
    verdict: 'not done',
    apply: (run, random) =>
      atRecord(run, random, always, ({ p, at }) =>
        changeEvents(run, event =>
          event.e === 'done' && event.p === p ? { ...event, next: Math.min(event.next, at) } : event
        )
      )
  },
  {
    name: 'the end of the log is not read',
    verdict: 'unseen',
    others: ['not done'],
    apply: (run, random) => atRecord(run, random, isAcked, ({ p, at }) => removeReads(run, p, one => one.at >= at))
  },
  {
    name: 'a call does not end',
    verdict: 'stuck',
    apply: (run, random) => {
      const { events } = random.pick(run.lives.filter(one => one.events.length > 0))
      const { t } = events.at(-1) as HistoryEvent
      events.splice(random.below(events.length), 0, { e: 'wait', id: 1, what: 'flush()', until: t - 10_000, t })
      return true
    }
  }
]
