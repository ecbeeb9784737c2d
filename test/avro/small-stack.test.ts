import { expect } from 'chai'
import { runScript } from '../support/run-script.js'

describe('a worker with a small stack', () => {
  it('calls a payload undecodable that nests deeper than its stack has room for, and the process lives', async () => {
    for (const stackSizeMb of ['1', '0.4']) {
      const { status, signal, stdout } = await runScript('test/support/walk-in-worker.mjs', [stackSizeMb])
      expect([status, signal], stackSizeMb).to.deep.equal([0, null])
      expect(stdout).to.contain('deeper than the stack of this thread has room for')
    }
  })
})
