import { expect } from 'chai'
import { BrokerUnavailableError } from 'millrace/testing'
import { realBroker } from '../support/brokers.js'
import { runScript } from '../support/run-script.js'

const millrace = (...args: string[]): ReturnType<typeof runScript> => runScript('lib/cli/main.ts', args, 60_000)

interface DemoJson {
  broker: string
  members: number
  records: Record<'written' | 'acknowledged' | 'read' | 'lost' | 'doubled' | 'outOfOrder', number>
  seconds: Record<'write' | 'read' | 'total', number>
  recordsPerSecond: Record<'write' | 'read', number>
  perMember: { partition: number; records: number }[]
}

describe('millrace', () => {
  it('tells its commands, and a version', async () => {
    const help = await millrace('--help')
    expect(help).to.include({ status: 0, stderr: '' })
    expect(help.stdout).to.contain('demo')
    expect((await millrace('--version')).stdout).to.match(/^\d+\.\d+\.\d+\n$/)
  })

  it('answers what it does not understand with a line that says so, and status 2', async () => {
    for (const args of [
      ['dmo'],
      ['demo', '--recrods', '1'],
      ['demo', '--records', 'many'],
      ['demo', '--broker', 'x']
    ]) {
      const { status, stdout, stderr } = await millrace(...args)
      expect([status, stdout]).to.deep.equal([2, ''])
      expect(stderr).to.match(/^millrace: /)
    }
  })
})

describe('millrace demo', () => {
  it('accounts for every record, and ends by itself with status 0', async () => {
    const { status, stdout, stderr } = await millrace('demo', '--records', '20000', '--members', '5', '--json')
    expect([status, stderr]).to.deep.equal([0, ''])
    const result = JSON.parse(stdout) as DemoJson
    expect(result).to.include({ broker: 'embedded', members: 5 })
    expect(result.records).to.deep.equal({
      written: 20_000,
      acknowledged: 20_000,
      read: 20_000,
      lost: 0,
      doubled: 0,
      outOfOrder: 0
    })
    expect(result.perMember.map(({ partition }) => partition)).to.deep.equal([0, 1, 2, 3, 4])
    expect(result.perMember.map(({ records }) => records)).to.deep.equal([4000, 4000, 4000, 4000, 4000])
    expect(Object.keys(result.seconds)).to.deep.equal(['write', 'read', 'total'])
    expect(Object.keys(result.recordsPerSecond)).to.deep.equal(['write', 'read'])
  })

  it('prints a row for each member and the account in words, without escape codes where there is no terminal', async () => {
    const { status, stdout } = await millrace('demo', '--records', '3000', '--members', '3', '--size', '500')
    expect(status).to.equal(0)
    expect(stdout).to.match(/^ +2 +2 +1,000 /m)
    expect(stdout).to.contain('0 out of order, 0 lost, 0 doubled')
    expect(stdout).not.to.contain('\x1b')
    for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(80)
  })

  it('stays within what the embedded broker keeps, however much is written', async () => {
    const args = ['demo', '--records', '20000', '--members', '1', '--size', '2000', '--json']
    const { status, stdout } = await millrace(...args)
    expect(status).to.equal(0)
    expect((JSON.parse(stdout) as DemoJson).records).to.include({ read: 20_000, lost: 0 })
  })

  it('runs on a broker that is given by its address', async function () {
    const broker = await realBroker().catch((error: unknown) => {
      // Only what cannot run here is skipped, and says so; a broker that fails to start fails the test.
      if (!(error instanceof BrokerUnavailableError)) throw error
      console.log(`skipped: ${error.message}`)
      return this.skip()
    })
    const { status, stdout } = await millrace(
      'demo',
      '--broker',
      broker.bootstrapServers,
      '--records',
      '5000',
      '--json'
    )
    expect(status).to.equal(0)
    expect((JSON.parse(stdout) as DemoJson).broker).to.equal(broker.bootstrapServers)
  })
})
