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
  committedInFront,
  covers,
  cutSent,
  isAcked,
  isFollowed,
  isNotLast,
  lifeOf,
  livesApart,
  nextAt,
  removeReads,
  swap,
  swapValues
} from './places.js'

export interface Corruption {
  readonly name: string
  readonly verdict: Verdict
  /** What may be found beside it. */
  readonly others?: readonly Verdict[]
  /** In which part of the runs there is a place for it, at least; by default 0.9. */
  readonly share?: number
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
    apply: (run, random) => atRecord(run, random, isFollowed, ({ p, at }) => swapValues(run, p, at, nextAt(run, p, at)))
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
    others: ['not done', 'empty'],
    apply: (run, random) => atRecord(run, random, isAcked, ({ p, at }) => removeReads(run, p, one => one.at >= at))
  },
  {
    name: 'a call does not end',
    verdict: 'stuck',
    apply: (run, random) => {
      const { events } = random.pick(run.lives.filter(one => one.events.length > 0))
      const i = random.below(events.length)
      const { t } = events[i] as HistoryEvent
      events.splice(i, 0, { e: 'wait', id: 1, what: 'flush()', until: t - 10_000, t })
      return true
    }
  },
  {
    name: 'a call ends long after its deadline',
    verdict: 'stuck',
    apply: (run, random) => {
      const { events } = random.pick(run.lives.filter(one => one.events.length > 0))
      const { t } = events.at(-1) as HistoryEvent
      const wait: HistoryEvent = { e: 'wait', id: 1, what: 'flush()', until: t - 10_000, t }
      events.splice(-1, 0, wait, { e: 'waited', id: 1, t })
      return true
    }
  },
  {
    name: 'a writer that was started again writes in front of what it was told is there',
    verdict: 'out of order',
    share: 0.8,
    apply: (run, random) => {
      const places = run.log.flatMap(log => log.flatMap((first, i) => livesApart(run, log, first, i)))
      if (places.length === 0) return false
      const [first, second] = random.pick(places)
      swapValues(run, first.p, first.at, second.at)
      return true
    }
  },
  {
    name: 'a reader begins behind what was committed',
    verdict: 're-read',
    share: 0.8,
    apply: (run, random) =>
      atRead(
        run,
        random,
        (event, i) => i === 0 && committedInFront(run, event) !== undefined,
        event => void event.runs.unshift(committedInFront(run, event) as ReadRun)
      )
  },
  {
    name: 'a commit comes before what it covers is done',
    verdict: 'not done',
    others: ['re-read'],
    apply: (run, random) => {
      const lives = run.lives.filter(({ events }) => events.some(({ e }) => e === 'done'))
      if (lives.length === 0) return false
      const { events } = random.pick(lives)
      const i = events.findIndex(({ e }) => e === 'done')
      ;[events[i], events[i + 1]] = [events[i + 1] as HistoryEvent, events[i] as HistoryEvent]
      return true
    }
  },
  {
    name: 'nobody got anything',
    verdict: 'empty',
    others: ['unseen', 'not done'],
    apply: run => {
      for (const p of run.log.keys()) removeReads(run, p, always)
      return true
    }
  },
  {
    name: 'nobody was told that anything is there',
    verdict: 'empty',
    apply: run => {
      for (const one of run.lives) one.events.splice(0, Infinity, ...one.events.filter(({ e }) => e !== 'ack'))
      return true
    }
  },
  {
    name: 'the observer sees nothing',
    verdict: 'empty',
    others: ['lost', 'inconsistent offset', 'phantom'],
    apply: run => {
      for (const p of run.log.keys()) run.log[p] = []
      return true
    }
  }
]
