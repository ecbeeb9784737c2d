/** `npm run bench -- NAME [--quick] [--json FILE]`: runs a benchmark on a real broker and prints a table. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { decode } from './decode/index.js'
import { members } from './members/index.js'
import { prefetch } from './prefetch/index.js'
import { soak } from './soak/index.js'
import { throughput } from './throughput/index.js'

/** A benchmark: measures, prints its table, and returns what goes into the JSON file. */
export interface Benchmark {
  readonly summary: string
  run(options: { readonly quick: boolean }): Promise<object>
}

const benchmarks: Readonly<Record<string, Benchmark>> = { throughput, prefetch, soak, members, decode }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } }
})
const benchmark = benchmarks[positionals[0] ?? '']
if (benchmark && positionals.length === 1) {
  const result = await benchmark.run({ quick: values.quick })
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`)
} else {
  const list = Object.entries(benchmarks).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  console.error(`usage: npm run bench -- NAME [--quick] [--json FILE]\n\n${list.join('\n')}`)
  process.exitCode = 2
}
