/** Checks of what each reader got one behind the other, beside the log. */
import type { Account } from './account.js'
import { type Findings, placed } from './findings.js'
import { RangeSet } from './range-set.js'
import type { Run, Runs } from './runs.js'

const NOTHING = 'the log has nothing there'

export function checkOrder(account: Account, findings: Findings): void {
  for (const [partition, runs] of account.log.partitions) {
    const order = new PartitionOrder(account, partition, 'the log', findings)
    for (const run of runs) order.next(run)
  }
  for (const { reader, reads } of account.sessions.all) {
    for (const [partition, runs] of reads) checkReading(account, partition, reader, runs, findings)
  }
}

function checkReading(account: Account, partition: number, reader: string, runs: Runs, findings: Findings): void {
  const order = new PartitionOrder(account, partition, reader, findings)
  const read = new RangeSet()
  const gaps: { from: number; to: number }[] = []
  let previous = -1
  for (const run of runs) {
    checkPlace(account, partition, reader, run, findings)
    if (run.offset < 0) continue
    order.next(run)
    if (previous >= 0 && run.offset > previous + 1) gaps.push({ from: previous + 1, to: run.offset - 1 })
    previous = run.offset + run.count - 1
    read.add(run.offset, previous)
  }
  for (const { from, to } of gaps) {
    // What it read at another time was out of order, which is told there.
    for (const [first, last] of read.missing(from, to)) {
      for (const run of account.log.between(partition, first, last)) {
        findings.add(placed(account.streams.at(run.stream), partition, run, reader, 'skip'))
      }
    }
  }
}

/** Whether the log has the records where the reader got them. */
function checkPlace({ log, streams }: Account, partition: number, reader: string, run: Run, findings: Findings): void {
  if (run.offset < 0) {
    const finding = placed(streams.at(run.stream), partition, run, reader, 'inconsistent offset')
    findings.add({ ...finding, detail: 'the log does not have it' })
    return
  }
  const end = run.offset + run.count
  // What was deleted since, in front of the log, can be compared with nothing.
  let next = Math.max(run.offset, Math.min(end, log.start(partition)))
  const differences: { from: number; to: number; detail: string }[] = []
  for (const there of log.between(partition, next, end - 1)) {
    if (there.offset > next) differences.push({ from: next, to: there.offset, detail: NOTHING })
    next = there.offset + there.count
    if (there.stream === run.stream && there.n - there.offset === run.n - run.offset) continue
    const detail = `the log has ${streams.at(there.stream).name} #${there.n} there`
    differences.push({ from: there.offset, to: next, detail })
  }
  if (next < end) differences.push({ from: next, to: end, detail: NOTHING })
  for (const { from, to, detail } of differences) {
    const seen = { ...run, n: run.n + from - run.offset, offset: from, count: to - from }
    findings.add({ ...placed(streams.at(run.stream), partition, seen, reader, 'inconsistent offset'), detail })
  }
}

/** Offsets rise, and so do the numbers of each stream; second copies in the log apart. */
class PartitionOrder {
  #last: Run | undefined
  readonly #lastOf = new Map<number, number>()

  constructor(
    private readonly account: Account,
    private readonly partition: number,
    private readonly reader: string,
    private readonly findings: Findings
  ) {}

  next(run: Run): void {
    const last = this.#last
    const lastN = this.#lastOf.get(run.stream) ?? -1
    const isCopy = this.account.log.isCopy(this.partition, run.offset)
    this.#last = run
    const end = run.n + run.count - 1
    this.#lastOf.set(run.stream, isCopy ? Math.max(lastN, end) : end)
    if (last && run.offset < last.offset + last.count)
      this.#add(run, `comes behind offset ${last.offset + last.count - 1}`)
    else if (!isCopy && run.n <= lastN) this.#add(run, `comes behind #${lastN}`)
  }

  #add(run: Run, detail: string): void {
    const { streams } = this.account
    const finding = placed(streams.at(run.stream), this.partition, run, this.reader, 'out of order')
    this.findings.add({ ...finding, detail })
  }
}
