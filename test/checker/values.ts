/** Checks of what became of the records: sent, acknowledged, in the log, read. */
import type { Account } from './account.js'
import { type Findings, placed } from './findings.js'
import type { Range } from './range-set.js'
import type { Run } from './runs.js'
import type { Stream } from './streams.js'

const LOG = 'the log'
const NOBODY = 'nobody'

export function checkValues(account: Account, highestRead: ReadonlyMap<number, number>, findings: Findings): void {
  checkLog(account, findings)
  checkReads(account, findings)
  for (const stream of account.streams) checkUnread(account, stream, highestRead, findings)
}

function checkLog({ streams, log }: Account, findings: Findings): void {
  for (const { partition, stream, run } of log.copies) {
    const [first] = log.locate(stream, run.n, run.n)
    findings.add({ ...placed(stream, partition, run, LOG, 'duplicate'), detail: `first at offset ${first?.offset}` })
  }
  for (const [partition, runs] of log.partitions) {
    for (const run of runs) {
      const stream = streams.at(run.stream)
      if (stream.partition !== partition) {
        const detail = `was to go to partition ${stream.partition}`
        findings.add({ ...placed(stream, partition, run, LOG, 'phantom'), detail })
      } else checkOrigin(stream, partition, run, LOG, findings)
    }
  }
}

/** What readers got, and the log does not have; what it has is judged there. */
function checkReads({ streams, sessions }: Account, findings: Findings): void {
  for (const session of sessions.all) {
    for (const [partition, runs] of session.reads) {
      for (const run of runs) {
        const stream = streams.at(run.stream)
        for (const [from, to] of stream.inLog.missing(run.n, run.n + run.count - 1)) {
          checkOrigin(stream, partition, part(run, [from, to]), session.reader, findings)
        }
      }
    }
  }
}

function checkOrigin(stream: Stream, partition: number, run: Run, reader: string, findings: Findings): void {
  const last = run.n + run.count - 1
  for (const range of stream.sent.missing(run.n, last)) {
    findings.add({ ...placed(stream, partition, part(run, range), reader, 'phantom'), detail: 'was never sent' })
  }
  for (const range of stream.failed.within(run.n, last)) {
    findings.add({
      ...placed(stream, partition, part(run, range), reader, 'aborted read'),
      detail: 'failed or aborted'
    })
  }
}

function checkUnread(
  { log }: Account,
  stream: Stream,
  highestRead: ReadonlyMap<number, number>,
  findings: Findings
): void {
  const { partition } = stream
  const highest = highestRead.get(partition) ?? -1
  for (const [from, to] of stream.inLog.minus(stream.read)) {
    for (const run of log.locate(stream, from, to)) {
      if (run.offset < highest)
        findings.add({ ...placed(stream, partition, run, NOBODY, 'lost'), detail: 'is in the log' })
      else {
        for (const range of stream.acked.within(run.n, run.n + run.count - 1)) {
          findings.add(placed(stream, partition, part(run, range), NOBODY, 'unseen'))
        }
      }
    }
  }
  for (const [from, to] of stream.acked.minus(stream.read)) {
    for (const [n, last] of stream.inLog.missing(from, to)) {
      const missing = { reader: NOBODY, partition, stream: stream.name, n, count: last - n + 1 }
      findings.add({ verdict: 'lost', ...missing, detail: 'was acknowledged and is not in the log' })
    }
  }
}

function part(run: Run, [from, to]: Range): Run {
  return { ...run, n: from, offset: run.offset < 0 ? -1 : run.offset + from - run.n, count: to - from + 1 }
}
