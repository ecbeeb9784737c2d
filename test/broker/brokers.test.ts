import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import {
  ApacheBroker,
  BrokerUnavailableError,
  createTestBroker,
  EmbeddedBroker,
  type TestBroker
} from 'millrace/testing'
import { guardedProcess } from '../../lib/broker/guarded-process.js'
import { roundTrip } from '../../lib/broker/round-trip.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'
import { within } from '../support/raw.js'

describe('embedded broker', () => {
  it('several live side by side, each with its own topics', async () => {
    const brokers = Array.from({ length: 3 }, () => new EmbeddedBroker({ brokers: 2 }))
    expect(new Set(brokers.map(broker => broker.bootstrapServers)).size).to.equal(3)
    for (const broker of brokers) expect(broker.createTopic('same', 4)).to.equal(0)
    await Promise.all(brokers.map(broker => roundTrip(broker.bootstrapServers, within())))
    await Promise.all(brokers.map(broker => broker.close()))
  })

  it('refuses faults that cannot be ordered, so that no test passes without them', async () => {
    const broker = new EmbeddedBroker()
    expect(() => broker.setBrokerUp(9, false)).to.throw(RangeError)
    expect(() => broker.setLeader('nowhere', 0, 9)).to.throw(RangeError)
    expect(() => broker.setRoundTripTime(9, 5)).to.throw(RangeError)
    await broker.close()
  })

  it('says that a topic is there already, and refuses to make a deleted one anew', async () => {
    const broker = new EmbeddedBroker()
    expect([broker.createTopic('t', 1), broker.createTopic('t', 1)]).to.deep.equal([0, 36])
    expect([broker.deleteTopic('t'), broker.deleteTopic('t')]).to.deep.equal([0, 3])
    expect(() => broker.createTopic('t', 1)).to.throw(/another name/)
    await broker.close()
  })

  it('refuses calls after it was closed', async () => {
    const broker = new EmbeddedBroker()
    await broker.close()
    await broker.close()
    expect(() => broker.setBrokerUp(1, true)).to.throw(/closed/)
  })
})

describe('real broker', () => {
  async function startOrSkip(context: Mocha.Context): Promise<ApacheBroker> {
    try {
      return await ApacheBroker.start()
    } catch (error) {
      if (!(error instanceof BrokerUnavailableError)) throw error
      console.log(`skipped: ${error.message}`)
      return context.skip()
    }
  }

  it('C64: several start at once on ports of their own, and are gone with their data when closed', async function () {
    const brokers = [await startOrSkip(this), ...(await Promise.all([ApacheBroker.start(), ApacheBroker.start()]))]
    expect(new Set(brokers.map(({ bootstrapServers }) => bootstrapServers)).size).to.equal(3)
    await Promise.all(brokers.map(broker => broker.close()))
    for (const { pid } of brokers) expect(isAlive(pid)).to.equal(false)
  })

  it('C64: is gone when the process that started it is killed', async function () {
    await (await startOrSkip(this)).close()
    const script = fileURLToPath(new URL('../support/start-broker.ts', import.meta.url))
    const child = fork(script, [], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('message', message => resolve(Number(message)))
      child.once('exit', status => reject(new Error(`the child ended with ${status}`)))
    })
    expect(isAlive(pid)).to.equal(true)
    child.kill('SIGKILL')
    await eventually(() => !isAlive(pid), { timeoutMs: 10_000, waitedFor: 'the broker to end with its starter' })
  })
})

describe('guardedProcess', () => {
  it('removes the folder when the child has ended and the guard is told', async () => {
    const folder = await temporaryFolder()
    const guarded = await guardedProcess(['sh', '-c', 'exit 3'], `${folder}/log`, folder)
    expect(await guarded.exited).to.equal(3)
    expect(existsSync(folder)).to.equal(true)
    await guarded.end()
    expect(existsSync(folder)).to.equal(false)
  })
})

describe('guardedProcess of a process that is killed', () => {
  it('ends with it, and its folder is removed', async () => {
    const folder = await mkdtemp(`${tmpdir()}/millrace-test-`)
    const script = fileURLToPath(new URL('../support/start-guarded.ts', import.meta.url))
    const child = fork(script, [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('message', message => resolve(Number(message)))
      child.once('exit', status => reject(new Error(`the child ended with ${status}`)))
    })
    child.kill('SIGKILL')
    const gone = (): boolean => !isAlive(pid) && !existsSync(folder)
    await eventually(gone, { timeoutMs: 10_000, waitedFor: 'the process and its folder to be gone' })
  })
})

describe('createTestBroker', () => {
  const given = process.env.KAFKA_BOOTSTRAP_SERVERS
  afterEach(() => {
    if (given === undefined) delete process.env.KAFKA_BOOTSTRAP_SERVERS
    else process.env.KAFKA_BOOTSTRAP_SERVERS = given
  })

  it('takes the broker that the environment names first, and leaves it running', async () => {
    const running = new EmbeddedBroker()
    running.createTopic('t', 1)
    process.env.KAFKA_BOOTSTRAP_SERVERS = running.bootstrapServers
    const broker: TestBroker = await createTestBroker()
    expect([broker.kind, broker.bootstrapServers]).to.deep.equal(['given', running.bootstrapServers])
    await broker.close()
    await roundTrip(running.bootstrapServers, within())
    await running.close()
  })

  it('says why when the kind that was asked for cannot run here', async () => {
    delete process.env.KAFKA_BOOTSTRAP_SERVERS
    const error = await rejection(createTestBroker('given'))
    expect(error).to.be.instanceOf(BrokerUnavailableError)
    expect(error.message).to.contain('KAFKA_BOOTSTRAP_SERVERS is not set')
  })

  it('starts a container where there is an engine', async function () {
    let broker: TestBroker
    try {
      broker = await createTestBroker('container')
    } catch (error) {
      if (!(error instanceof BrokerUnavailableError)) throw error
      console.log(`skipped: ${error.message}`)
      return this.skip()
    }
    await roundTrip(broker.bootstrapServers, within())
    await broker.close()
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function temporaryFolder(): Promise<string> {
  return await mkdtemp(`${tmpdir()}/millrace-test-`)
}
