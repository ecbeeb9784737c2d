/**
 * `npm run test:faults`: ends of a channel in processes of their own, under load, with everything that can be broken
 * broken in turn; and the checker's verdicts. `arguments.ts` has its options.
 */
import { report } from '../checker/report.js'
import { Random } from '../support/random.js'
import { type Arguments, argumentsOf, help } from './arguments.js'
import { BROKERS, Cluster } from './cluster.js'
import { type Result, run } from './run.js'
import { type Cell, faultOf, shuffled, textOf } from './schedule.js'
import { type Row, summary } from './summary.js'

const { cells, isHelp, isQuick, rounds, seed, switchedOff } = told()
if (isHelp) {
  console.log(help)
  process.exit(0)
}
console.log(`seed ${seed}`)
// Ends the ends and brokers with it, and takes their folders away.
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const) {
  process.once(signal, () => process.exit(status))
}

const began = performance.now()
const cluster = await Cluster.start()
const rows: Row[] = []
let isWell = true
try {
  if (isQuick) {
    const random = new Random(seed)
    isWell = await play('all of them', shuffled(random), random)
  } else {
    for (const cell of cells) {
      const title = `${cell.victim} ${cell.kind}`
      const faults = Array.from({ length: rounds }, () => cell)
      // Of its own, so that --cell alone has the same faults again.
      isWell = (await play(title, faults, Random.of(seed, title))) && isWell
    }
    if (rows.length > 1) console.log(`\n${summary(rows)}`)
  }
} finally {
  await cluster.close()
}
const seconds = Math.round((performance.now() - began) / 1000)
console.log(
  `\n${isWell ? 'all is well' : `SOMETHING IS WRONG (--seed ${seed} has the same faults again)`}, after ${seconds} s`
)
process.exit(isWell ? 0 : 1)

/** Ends the process where an argument is wrong. */
function told(): Arguments {
  try {
    return argumentsOf(process.argv.slice(2), Date.now() % 2 ** 31)
  } catch (error) {
    console.error(`test:faults: ${(error as Error).message}\n--help tells all arguments`)
    process.exit(2)
  }
}

/** One run with a fault of each of the cells. @returns whether nothing is wrong */
async function play(title: string, of: readonly Cell[], random: Random): Promise<boolean> {
  const onPeerLost = random.below(2) === 0 ? 'fail' : 'wait'
  console.log(`\n=== ${title}, onPeerLost: ${onPeerLost}`)
  const start = performance.now()
  const result = await run(cluster, {
    faults: of.map(cell => faultOf(cell, random, BROKERS)),
    onPeerLost,
    switchedOff,
    onFault: fault => console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(7)} s  ${textOf(fault)}`)
  })
  print(result)
  rows.push({ title, faults: of.length, result })
  return result.histories === undefined
}

function print({ histories, outcome, seconds, stuck, ends }: Result): void {
  const perSecond = Math.round(outcome.counts.acknowledged / seconds).toLocaleString('en-US')
  // A status, or the signal that ended it.
  const endings = [...ends].map(([how, count]) => `${count} ${/^\d/.test(how) ? 'with' : 'by'} ${how}`).join(', ')
  console.log(`\n${'acknowledged/s'.padEnd(20)}${perSecond}\n${'processes ended'.padEnd(20)}${endings}`)
  console.log(report(outcome))
  if (stuck) console.log(`WRONG: ${stuck}`)
  if (histories) console.log(`What each process wrote down (test/checker/events.ts) stays in ${histories}`)
}
