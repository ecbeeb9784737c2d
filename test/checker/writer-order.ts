/** Checks that a writer that was started again writes behind what its earlier lives were told is there. */
import type { Account } from './account.js'
import { DefaultMap } from './default-map.js'
import { type Finding, type Findings, placed } from './findings.js'
import type { Run } from './runs.js'
import type { Stream } from './streams.js'

type Timed = Stream['sends'][number]

/** Of one stream, the record further behind in the log that was acknowledged first. */
interface Behind {
  readonly stream: Stream
  readonly n: number
  readonly t: number
}

/**
 * What one life sends after the acknowledgement of another life's record must stand behind it. A process that was taken
 * for dead and wakes may still write, so that two lives come mixed: of records that were on their way at the same time
 * nothing is demanded.
 */
export function checkLives({ log, streams }: Account, findings: Findings): void {
  const sends = new DefaultMap<Stream, readonly Timed[]>(stream => rising(stream.sends))
  const acks = new DefaultMap<Stream, readonly Timed[]>(stream => rising(stream.acks))
  for (const [partition, runs] of log.partitions) {
    const behind = new DefaultMap<string, Map<Stream, Behind>>(() => new Map())
    for (let i = runs.length - 1; i >= 0; i--) {
      const run = runs.at(i)
      // Second copies are told elsewhere.
      if (log.isCopy(partition, run.offset)) continue
      const stream = streams.at(run.stream)
      const ofWriter = behind.of(stream.writer)
      for (const other of ofWriter.values()) {
        if (other.stream === stream) continue
        const sent = [...within(sends.of(stream), run)].find(({ t }) => t > other.t)
        if (sent) findings.add(early(stream, partition, run, sent, other))
      }
      const [first] = within(acks.of(stream), run)
      if (first && first.t < (ofWriter.get(stream)?.t ?? Infinity)) {
        ofWriter.set(stream, { stream, n: Math.max(first.from, run.n), t: first.t })
      }
    }
  }
}

function early(stream: Stream, partition: number, run: Run, sent: Timed, { stream: other, n }: Behind): Finding {
  const skipped = Math.max(0, sent.from - run.n)
  const late = { ...run, n: run.n + skipped, offset: run.offset + skipped, count: run.count - skipped }
  const detail = `sent when ${other.name} #${n} was acknowledged, which stands behind it`
  return { ...placed(stream, partition, late, 'the log', 'out of order'), detail }
}

function rising(all: readonly Timed[]): readonly Timed[] {
  return all.toSorted((a, b) => a.from - b.from)
}

/** Those that have a record of the run. They do not overlap. */
function* within(all: readonly Timed[], { n, count }: Run): Generator<Timed> {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((all[middle] as Timed).to < n) low = middle + 1
    else high = middle
  }
  for (let i = low; i < all.length && (all[i] as Timed).from < n + count; i++) yield all[i] as Timed
}
