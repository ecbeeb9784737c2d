import { expect } from 'chai'
import { runScript } from '../support/run-script.js'

describe('a process with channels', () => {
  it('ends by itself once all ends are closed, and no thread of a client is left', async () => {
    const { status, signal, stdout } = await runScript('test/support/open-and-close.ts')
    expect([status, signal]).to.deep.equal([0, null])
    const { during, after } = JSON.parse(stdout) as Record<'during' | 'after', number>
    expect(during).to.be.above(0)
    expect(after).to.equal(0)
  })

  it('closes a reader by the deadline though a commit gets no answer, and ends by itself', async () => {
    const { status, signal, stdout } = await runScript('test/support/close-without-broker.ts')
    expect([status, signal]).to.deep.equal([0, null])
    expect(stdout).to.contain('closed; the commit: ').and.contain('closed before the answer came')
  })

  for (const [args, status] of [
    [[], 0],
    [['exit'], 3]
  ] as const) {
    it(`C30: opens without a broker hold up no files and names, and an abort frees the process: ${status}`, async () => {
      const finished = await runScript('test/support/abort-open.ts', args)
      expect([finished.status, finished.signal]).to.deep.equal([status, null])
      expect(finished.stdout.trim().split('\n')).to.deep.equal(['files read', ...Array<string>(10).fill('enough')])
    })
  }

  it('refuses by name to open one in a worker thread, where schemas work; the main thread is untouched', async () => {
    const { status, signal, stdout } = await runScript('test/support/open-in-worker.ts')
    expect([status, signal]).to.deep.equal([0, null])
    expect(stdout).to.match(/^14 bytes; ERR_MILLRACE_NATIVE_MISSING: .*child process; in the main thread it opens/)
  })

  it('loses nothing that was acknowledged when it ends without closing', async () => {
    const { status, signal, stdout } = await runScript('test/support/exit-while-open.ts')
    expect([status, signal]).to.deep.equal([7, null])
    expect(stdout).to.contain('acknowledged 1000')
  })
})
