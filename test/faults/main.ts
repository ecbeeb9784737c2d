/**
 * `npm run test:faults -- [--quick] [--seed S] [--rounds N] [--cell VICTIM-KIND] [--switch-off RULE]`: ends of a channel
 * in processes of their own, under load, with everything that can be broken broken in turn; and the checker's verdicts.
 */
import { parseArgs } from 'node:util'
import { report } from '../checker/report.js'
import { Random } from '../support/random.js'
import { BROKERS, Cluster } from './cluster.js'
import { type Result, run } from './run.js'
import { type Cell, cells, faultOf, shuffled, textOf } from './schedule.js'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    cell: { type: 'string' },
    'switch-off': { type: 'string' }
  }
})

const seed = Number(values.seed ?? Date.now() % 2 ** 31)
const random = new Random(seed)
const rounds = Number(values.rounds ?? 10)
console.log(`seed ${seed}`)

const began = performance.now()
const cluster = await Cluster.start()
let isWell = true
try {
  if (values.quick) isWell = await play('all of them', shuffled(random))
  else {
    const wanted = cells.filter(({ victim, kind }) => !values.cell || values.cell === `${victim}-${kind}`)
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
    switchedOff: values['switch-off'],
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
