import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import {
  ApacheBroker,
  type ApacheNode,
  BrokerUnavailableError,
  createTestBroker,
  EmbeddedBroker,
  type TestBroker
} from 'millrace/testing'
import { guardedProcess } from '../../lib/broker/guarded-process.js'
import { roundTrip } from '../../lib/broker/round-trip.js'
import { onApacheBrokers } from '../support/brokers.js'
import { partitionsOfTopic } from '../support/cluster.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'
import { endOffset, makeTopic, putRaw, within } from '../support/raw.js'

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

  it('refuses more replicas than it has brokers, as Kafka does', async () => {
    const broker = new EmbeddedBroker({ brokers: 2 })
    expect([3, 32_767, 2].map(replicas => broker.createTopic('t', 1, replicas))).to.deep.equal([38, 38, 0])
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

onApacheBrokers(3, 'a cluster', broker => {
  it('are three, with a replica of each topic on each', async () => {
    expect(broker().bootstrapServers.split(',')).to.have.length(3)
    expect(new Set([1, 2, 3].map(id => broker().pidOf(id))).size).to.equal(3)
    const [partition] = await partitionsOfTopic(broker(), await makeTopic(broker(), 1))
    expect(partition?.replicas).to.have.members([1, 2, 3])
  })

  it('take records while one is killed, and while one that was stopped is away; each comes back with its data', async () => {
    const topic = await makeTopic(broker(), 3)
    await putRaw(broker(), topic, [Buffer.from('before')])
    for (const [id, end] of [
      [1, 'kill'],
      [2, 'stop']
    ] as const) {
      const before = broker().pidOf(id)
      await broker()[end](id)
      expect(isAlive(before)).to.equal(false)
      await putRaw(broker(), topic, [Buffer.from(`without ${id}`)])
      await broker().restart(id)
      expect(broker().pidOf(id)).to.not.equal(before)
    }
    expect(await endOffset(broker(), topic)).to.equal(3)
  })

  it('refuses faults of brokers that do not run or are not there, so that no test passes without them', async () => {
    expect(() => broker().pause(4)).to.throw(RangeError, 'there is no broker 4')
    await broker().kill(3)
    expect(await rejection(broker().kill(3))).to.be.instanceOf(RangeError)
    expect(() => broker().resume(3)).to.throw(RangeError, 'broker 3 does not run')
    await broker().restart(3)
  })

  it('refuses numbers of brokers that cannot be', async () => {
    for (const brokers of [0, 1.5, 10, '3' as never]) {
      expect(await rejection(ApacheBroker.start({ brokers }))).to.be.instanceOf(RangeError)
    }
  })

  it('refuses a name of a setting that Kafka would take for another', async () => {
    const settings = { 'log.dirs=/tmp\nx': 'y' }
    for (const properties of [settings, () => settings]) {
      const error = await rejection(ApacheBroker.start({ properties }))
      expect(error).to.be.instanceOf(RangeError, 'no broker setting has the name')
    }
  })

  it('ask for the settings of each broker, with its ports', async () => {
    const asked: ApacheNode[] = []
    const properties = async (node: ApacheNode): Promise<never> => {
      asked.push(node)
      throw new Error('not to be started')
    }
    expect((await rejection(ApacheBroker.start({ brokers: 3, properties }))).message).to.equal('not to be started')
    expect(asked.map(({ id }) => id)).to.deep.equal([1, 2, 3])
    expect(new Set(asked.flatMap(({ port, controllerPort }) => [port, controllerPort])).size).to.equal(6)
  })
})

describe('guardedProcess', () => {
  it('lets the folder be when it is left to somebody else', async () => {
    const folder = await temporaryFolder()
    const first = await guardedProcess(['sh', '-c', 'exit 3'], `${folder}/log`, folder)
    await first.exited
    const second = await guardedProcess(['sleep', '600'], `${folder}/log`, folder)
    await first.leave()
    expect([existsSync(folder), isAlive(second.pid)]).to.deep.equal([true, true])
    await second.end()
    expect([existsSync(folder), isAlive(second.pid)]).to.deep.equal([false, false])
  })

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

async function startOrSkip(context: Mocha.Context): Promise<ApacheBroker> {
  try {
    return await ApacheBroker.start()
  } catch (error) {
    if (!(error instanceof BrokerUnavailableError)) throw error
    console.log(`skipped: ${error.message}`)
    return context.skip()
  }
}
