/**
 * `npm run test:faults -- [--quick] [--seed S] [--rounds N] [--cell VICTIM-KIND] [--switch-off RULE]`: ends of a channel
 * in processes of their own, under load, with everything that can be broken broken in turn; and the checker's verdicts.
 */
import { report } from '../checker/report.js'
import { Random } from '../support/random.js'
import { BROKERS, Cluster } from './cluster.js'
import { type Order, orderFrom, OrderError } from './order.js'
import { type Result, run } from './run.js'
import { type Cell, faultOf, shuffled, textOf } from './schedule.js'

const order = orderOf(process.argv.slice(2))
const { seed, wanted, rounds } = order
const random = new Random(seed)
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
let isWell = true
try {
  if (order.isQuick) isWell = await play('all of them', shuffled(random))
  else {
    for (const cell of wanted)
      isWell =
        (await play(
          `${cell.victim} ${cell.kind}`,
          Array.from({ length: rounds }, () => cell)
        )) && isWell
  }
} finally {
  await cluster.close()
}
console.log(
  `\n${isWell ? 'all is well' : 'SOMETHING IS WRONG'}, after ${Math.round((performance.now() - began) / 1000)} s`
)
process.exit(isWell ? 0 : 1)

/** One run with a fault of each of the cells. @returns whether nothing is wrong */
async function play(title: string, of: readonly Cell[]): Promise<boolean> {
  const onPeerLost = random.below(2) === 0 ? 'fail' : 'wait'
  console.log(`\n=== ${title}, onPeerLost: ${onPeerLost}`)
  const start = performance.now()
  const result = await run(cluster, {
    faults: of.map(cell => faultOf(cell, random, BROKERS)),
    onPeerLost,
    switchedOff: order.switchedOff,
    onFault: fault => console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(7)} s  ${textOf(fault)}`)
  })
  print(result)
  return result.outcome.violated.length === 0 && result.stuck === undefined
}

function print({ outcome, seconds, stuck, ends }: Result): void {
  const perSecond = Math.round(outcome.counts.acknowledged / seconds).toLocaleString('en-US')
  const endings = [...ends].map(([how, count]) => `${count} by ${how}`).join(', ')
  console.log(`\n${'acknowledged/s'.padEnd(20)}${perSecond}\n${'processes ended'.padEnd(20)}${endings}`)
  console.log(report(outcome))
  if (stuck) console.log(`WRONG: ${stuck}`)
}

function orderOf(args: readonly string[]): Order {
  try {
    return orderFrom(args)
  } catch (error) {
    if (!(error instanceof OrderError)) throw error
    console.error(error.message)
    process.exit(2)
  }
}
