/** `npm run simulate -- --seeds N [--seed S] [--trace] [--mutations]`: the protocol of lib/channel in virtual time, from a seed each. */
import { parseArgs } from 'node:util'
import { rules } from '../../lib/channel/status/index.js'
import { mutations } from './mutations.js'
import { simulate } from './scenario.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean' },
    mutations: { type: 'boolean' }
  }
})
const first = Number(values.seed ?? 1)
const count = Number(values.seeds ?? (values.seed === undefined ? 1000 : 1))
// As with `--trace | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
if (values.mutations) await findMutations()
else await run()

async function run(): Promise<void> {
  const start = performance.now()
  const totals: Record<string, number> = {}
  let violated = 0
  let virtualMs = 0
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate(seed, rules, values.trace ? console.log : undefined)
    virtualMs += outcome.virtualMs
    for (const [name, value] of Object.entries(outcome.counts)) totals[name] = (totals[name] ?? 0) + value
    if (outcome.violations.length === 0) continue
    violated++
    console.log(`seed ${seed}: ${outcome.violations.join('; ')}`)
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const hours = Math.round(virtualMs / 3_600_000)
  console.log(
    `${count} seeds from ${first}: ${violated} with a violation, ${seconds} s for ${hours} hours of virtual time`
  )
  console.log(
    Object.entries(totals)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')
  )
  process.exitCode = violated > 0 ? 1 : 0
}

/** After how many seeds each rule is missed, once it is switched off. */
async function findMutations(): Promise<void> {
  for (const { name, rules: mutated } of mutations) {
    let seed = first
    let found: string | undefined
    while (!found && seed < first + count) found = (await simulate(seed++, mutated)).violations[0]
    console.log(`${name.padEnd(52)} ${found ? `${seed - first} seeds: ${found}` : `not found in ${count} seeds`}`)
    if (!found) process.exitCode = 1
  }
}
