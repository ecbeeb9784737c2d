import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as millrace from 'millrace'
import { runScript } from './support/run-script.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const example = readFileSync(new URL('../examples/quickstart.mjs', import.meta.url), 'utf8')

describe('README', () => {
  it('shows the quickstart example as it is, in at most 20 lines', () => {
    expect(/```js\n(\/\/ quickstart\.mjs[^]*?)```/.exec(readme)?.[1]).to.equal(example)
    expect(example.trimEnd().split('\n')).to.have.length.at.most(20)
  })

  it('shows a program that runs, and ends by itself', async () => {
    const { status, stdout, stderr } = await runScript('examples/quickstart.mjs')
    expect([status, stderr]).to.deep.equal([0, ''])
    const read = stdout.match(/\d+/g)?.map(Number) ?? []
    // Three partition numbers, and the nine records.
    expect(read.toSorted((a, b) => a - b)).to.deep.equal([0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('names nothing public that is not there', () => {
    for (const [, name] of readme.matchAll(/`(Kafka\w+|RecordType)[.`]/g))
      expect(millrace).to.have.property(String(name))
  })
})
