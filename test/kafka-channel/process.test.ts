import { expect } from 'chai'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { type Item, items, itemSchema, readCount } from '../support/channel-fixture.js'
import { runScript } from '../support/run-script.js'

/** What `leaks.ts` tells. */
interface Held {
  readonly threads: number
  readonly handles: number
  readonly megabytes: number
}

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

  it('ends by itself soon after a reader was closed whose broker keeps the connection and answers nothing', async () => {
    const { status, signal, stdout } = await runScript('test/support/close-with-hung-broker.ts')
    expect([status, signal]).to.deep.equal([0, null])
    const after = /^TimeoutError; ended after (\d+) ms$/m.exec(stdout)?.[1]
    expect(Number(after), stdout).to.be.below(5000)
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

  it('C22: ends and clients that were closed leave no thread, no file handle and no memory', async () => {
    const { status, stdout } = await runScript('test/support/leaks.ts', ['100', '10'], 120_000, ['--expose-gc'])
    expect(status).to.equal(0)
    const { ends, clients } = JSON.parse(stdout) as Record<'ends' | 'clients', [Held, Held]>
    for (const [before, after] of [ends, clients]) {
      expect(after.threads).to.be.at.most(before.threads)
      expect(after.handles).to.be.at.most(before.handles)
      expect(after.megabytes - before.megabytes).to.be.below(20)
    }
  })

  it('C61: children that are forked meanwhile have channels of their own, and the parent’s go on', async () => {
    const broker = new EmbeddedBroker()
    const common = { location: broker.bootstrapServers, channelName: 'parent', schema: itemSchema }
    const [reader, writer] = await Promise.all([
      KafkaChannelReader.open<Item>(common),
      KafkaChannelWriter.open<Item>(common)
    ])
    const children = [1, 2, 3, 4].map(child => {
      // The embedded broker's topics are made in its own process.
      for (const end of ['', '.input.state', '.output.state']) broker.createTopic(`child${child}${end}`, 1)
      return runScript('test/support/round-trip-in-child.ts', [broker.bootstrapServers, `child${child}`])
    })
    await writer.write(items(50))
    expect(await readCount(reader, 50)).to.have.length(50)
    for (const { status, stdout, stderr } of await Promise.all(children)) {
      expect([status, stdout.trim()], stderr).to.deep.equal([0, 'read 100'])
    }
    await writer.write(items(50))
    expect(await readCount(reader, 50)).to.have.length(50)
    await Promise.all([reader.close(), writer.close()])
    await broker.close()
  })

  it('C56: no secret of the settings is in an error, an object as it is shown, or librdkafka’s log', async () => {
    const broker = new EmbeddedBroker()
    const secret = 'hunter2-of-this-test'
    const { status, stdout, stderr } = await runScript(
      'test/support/secrets.ts',
      [secret, broker.bootstrapServers],
      120_000
    )
    await broker.close()
    expect([status, stdout.trim().endsWith('done')], stderr).to.deep.equal([0, true])
    expect(stdout).to.contain('ERR_MILLRACE_CONFIGURATION').and.contain('ERR_MILLRACE_AUTHENTICATION')
    expect((stdout + stderr).includes(secret), 'a secret was shown').to.equal(false)
  })

  it('C31: 100,000 calls of write that nobody awaits all resolve, in order, within bounded memory', async () => {
    const { status, stdout, stderr } = await runScript('test/support/unawaited.ts', ['100000'], 120_000)
    expect(status, stderr).to.equal(0)
    const { grownMB, ...rest } = JSON.parse(stdout) as { grownMB: number }
    expect(rest).to.deep.equal({ resolved: 100_000, outOfOrder: 0 })
    // 15 MB of it wait in librdkafka; the rest are the promises of a loop in which none can end.
    expect(grownMB).to.be.below(300)
  })

  it('C60: refuses by name to open one in a worker thread, where schemas work; the main thread is untouched', async () => {
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
