import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { ChannelSnapshot, KafkaChannelReader } from 'millrace'
import { connectionOptions, placeOf } from '../../lib/cli/channels/connection.js'
import { UsageError } from '../../lib/cli/command.js'
import { onRealBroker } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { append } from '../support/messages.js'
import { makeChannel, makeTopic } from '../support/raw.js'
import { type Finished, runScript } from '../support/run-script.js'
import { inGroup, writerSays } from '../support/status-log.js'

const millrace = (...args: string[]): Promise<Finished> => runScript('lib/cli/main.ts', args, 60_000)
const program = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url))

describe('millrace channels: what it connects with', () => {
  let folder: string
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'millrace-channels-'))))
  after(() => rm(folder, { recursive: true }))

  const location = 'kafka:9092'
  const configOf = (values: object, environment = {}): unknown =>
    connectionOptions({ location, ...values }, environment).channelConfig

  async function fileOf(text: string): Promise<string> {
    const file = join(folder, 'settings')
    await writeFile(file, text)
    return file
  }

  it('takes settings from the command line, the environment and a file, the nearer before the farther', async () => {
    const settings = await fileOf('# of us all\nsecurity.protocol = ssl\nsasl.password: a=b:c\n\n')
    const values = { settings, set: ['security.protocol=sasl_ssl'], 'set-from-env': ['sasl.username=WHO'] }
    expect(configOf(values, { WHO: 'me' })).to.deep.equal({
      'security.protocol': 'sasl_ssl',
      'sasl.password': 'a=b:c',
      'sasl.username': 'me'
    })
    expect(configOf({ settings: await fileOf(' { "socket.timeout.ms": 1000 }') })).to.deep.equal({
      'socket.timeout.ms': 1000
    })
    expect(configOf({})).to.deep.equal({})
  })

  it('says of a secured cluster that there may be more than this user sees', () => {
    expect(placeOf({ location })).to.equal(location)
    expect(placeOf({ location, channelConfig: { 'security.protocol': 'plaintext' } })).to.equal(location)
    const channelConfig = { 'security.protocol': 'SASL_SSL' }
    expect(placeOf({ location, channelConfig })).to.equal(`${location}, as far as this user may see`)
  })

  it('refuses a secret on the command line, and shows none', async () => {
    for (const key of [
      'sasl.password',
      'ssl.key.password',
      'ssl.key.pem',
      'sasl.oauthbearer.client.secret',
      'sasl.oauthbearer.assertion.private.key.passphrase'
    ]) {
      expect(() => configOf({ set: [`${key}=hush`] }), key)
        .to.throw(UsageError, '--settings FILE')
        .with.property('message')
        .that.does.not.contain('hush')
    }
    for (const text of ['{ "sasl.password": hush', 'sasl.password hush']) {
      const settings = await fileOf(text)
      expect(() => configOf({ settings }), text)
        .to.throw(UsageError)
        .with.property('message')
        .that.does.not.contain('hush')
    }
  })

  it('refuses what is no setting, no file and no variable, and to go without a location', async () => {
    expect(() => configOf({ set: ['acks'] })).to.throw(UsageError, 'KEY=VALUE')
    expect(() => configOf({ 'set-from-env': ['a.b=NOT_THERE'] })).to.throw(UsageError, 'no NOT_THERE')
    expect(() => configOf({ settings: join(folder, 'none') })).to.throw(UsageError, 'none')
    for (const missing of [undefined, '', 'embedded:']) {
      expect(() => connectionOptions({ location: missing }, {})).to.throw(UsageError, '--location HOST:PORT')
    }
  })
})

describe('millrace channels: what cannot be', () => {
  it('is a line that says so, and status 2', async () => {
    const at = ['--location', 'localhost:1']
    for (const args of [
      [],
      ['--set', 'x', ...at],
      ['delete', ...at],
      ['delete', 'a', 'b', ...at],
      ['--force', ...at],
      ['--watch', '2s', ...at],
      ['--watch', '0.5', ...at]
    ]) {
      const { status, stdout, stderr } = await millrace('channels', ...args)
      expect([status, stdout], args.join(' ')).to.deep.equal([2, ''])
      expect(stderr).to.match(/^millrace: .*\n$/)
    }
  })

  it('is an error by its name and status 1 where no broker answers in time', async () => {
    const { status, stdout, stderr } = await millrace('channels', '--location', 'localhost:1', '--timeout', '1')
    expect([status, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.match(/^millrace: waited 1000 ms for a broker at localhost:1 .*\(ERR_MILLRACE_TIMEOUT\)\n$/)
  })
})

onRealBroker('millrace channels', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  const channels = (...args: string[]): Promise<Finished> =>
    millrace('channels', '--location', broker().bootstrapServers, ...args)

  /** Three records, of which as many are committed. */
  async function opened(committed: number): Promise<void> {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(3))
    await writer.flush()
    if (committed === 0) return
    await readCount(readers[0] as KafkaChannelReader<Item>, committed)
    await readers[0]?.commit()
  }

  async function remaining(): Promise<ChannelSnapshot[]> {
    const { stdout } = await channels('--json', channel.channelName)
    return (JSON.parse(stdout) as { channels: ChannelSnapshot[] }).channels
  }

  it('lists the channels with who is in them, within 80 columns', async () => {
    await opened(1)
    const { status, stdout, stderr } = await channels()
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.match(/^\d+ channels? at \S+\n\nchannel +partitions +readers +writers +unread +heard\n/)
    expect(stdout).to.contain(channel.channelName)
    expect(stdout).to.match(/ 1 {2}1 started +1 started +2 +\d s\n/)
    for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(80)
  })

  it('tells of the channels that are named, and of those that are not there by status 1', async () => {
    await opened(0)
    const topic = await makeTopic(broker(), 1)
    const { status, stdout, stderr } = await channels(channel.channelName, topic)
    expect(status).to.equal(1)
    expect(stdout).to.match(/^test\.\S+\n {2}1 partition, 3 records\n\ngroup group of 1: 3 unread\n/)
    expect(stdout).to.match(/\n {6}0 {2}started {2}\d s +\d s +3 {2}0\n\n1 writer\n/)
    expect(stderr).to.equal(`millrace: there is no channel ${topic} at ${broker().bootstrapServers}\n`)
  })

  it('gives all of it as one document, whose names stay', async () => {
    await opened(1)
    const { status, stdout } = await channels('--json', channel.channelName)
    expect(status).to.equal(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).to.deep.equal(['location', 'at', 'channels'])
    const [one] = document.channels
    const { groups, writers } = one
    expect(Object.keys(one)).to.deep.equal([
      'channelName',
      'missingTopics',
      'partitions',
      'records',
      'unreadRecords',
      'groups',
      'writers',
      'deadLetters',
      'malformed',
      'problems'
    ])
    expect(Object.keys(groups[0])).to.deep.equal(['name', 'size', 'unreadRecords', 'groupIds', 'members'])
    const end = ['name', 'state', 'isLost', 'stateMs', 'silentMs', 'error', 'blames']
    expect(Object.keys(groups[0].members[0])).to.deep.equal([...end, 'index', 'partitions', 'unreadRecords'])
    expect(Object.keys(writers[0])).to.deep.equal([...end, 'ends'])
  })

  it('shows what hostile ends say of themselves, and lets them control no terminal', async () => {
    const name = await makeChannel(broker(), 1)
    const hostile = '\x1b[2J\x1b]0;title\x07 red\u009b31m\r\nline\u202e'
    const says = writerSays(
      name,
      { name: hostile, incarnation: 'x' },
      'Error',
      'Error',
      `${hostile} ${'x'.repeat(100_000)}`
    )
    await append(broker(), `${name}.output.state`, [says])
    await append(broker(), `${name}.input.state`, [inGroup(says, hostile)])
    for (const args of [[name], [], ['--json', name], ['delete', name]]) {
      const { stdout, stderr } = await channels(...args)
      expect(stdout + stderr, args.join(' '))
        .to.match(/^[\n -~\u00a0-\u2029\u2030-\uffff]+$/)
        .and.contain(args.length > 0 ? '\\u001b[2J' : name)
      if (args[0] === '--json') expect(JSON.parse(stdout).channels[0].writers[0].name).to.equal(hostile)
      else expect((stdout + stderr).length).to.be.below(10_000)
    }
  })

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const) {
    it(`looks again and again with --watch, until ${signal} ends it with ${status}`, async () => {
      await opened(0)
      const args = ['channels', channel.channelName, '--location', broker().bootstrapServers, '--json', '--watch', '1']
      const child = spawn(process.execPath, ['--import=tsx', '--conditions=millrace-source', program, ...args], {
        stdio: ['ignore', 'pipe', 'pipe']
      })
      const output: string[] = []
      child.stdout.on('data', data => output.push(String(data)))
      child.stderr.on('data', data => output.push(String(data)))
      const ended = once(child, 'close')
      const seen = (): string[] => output.join('').split('\n').slice(0, -1)
      try {
        await eventually(() => seen().length >= 2, { timeoutMs: 20_000, waitedFor: 'two looks' })
        child.kill(signal)
        expect(await ended).to.deep.equal([status, null])
        for (const line of seen()) expect(JSON.parse(line).channels).to.have.length(1)
      } finally {
        child.kill('SIGKILL')
        await ended
      }
    })
  }

  it('delete: refuses while somebody is there or has to read, says why and what to do, and deletes nothing', async () => {
    await opened(1)
    const { status, stdout, stderr } = await channels('delete', channel.channelName)
    expect([status, stdout]).to.deep.equal([1, ''])
    expect(stderr.replace(/\n {2}/g, ' ')).to.match(
      new RegExp(
        `^millrace: ${channel.channelName} is not deleted:\n` +
          '- 1 reader is not closed, and heard \\d s ago: stop it first \\(group\\)\\. .*\n' +
          '- 1 writer is not closed, and heard \\d s ago: stop it first \\(test\\)\\. .*\n' +
          '- the group group has 2 records unread: let its members read them to their end\n' +
          '--force deletes it all the same\n$'
      )
    )
    expect(await remaining()).to.have.length(1)
  })

  it('delete: deletes what nobody is in and nobody has to read', async () => {
    await opened(3)
    await channel.close()
    const name = channel.channelName
    const { status, stdout, stderr } = await channels('delete', name)
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.equal(`deleted ${name}.input.state\ndeleted ${name}.output.state\ndeleted ${name}\n`)
    expect(await remaining()).to.deep.equal([])
    const again = await channels('delete', name)
    expect([again.status, again.stderr]).to.deep.equal([
      1,
      `millrace: there is no channel ${name} at ${broker().bootstrapServers}\n`
    ])
  })

  it('delete: with --force whatever is there, and the dead letters only if that is wanted', async () => {
    await channel.reader({ onUndecodable: 'dead-letter' })
    const name = channel.channelName
    const { status, stdout } = await channels('delete', name, '--force')
    expect(status).to.equal(0)
    expect(stdout).to.contain(`${name}.dead stays, with 0 records: --dead-letters deletes it too\n`)
    const rest = await channels('delete', name, '--dead-letters')
    expect([rest.status, rest.stdout]).to.deep.equal([0, `deleted ${name}.dead\n`])
    expect(await remaining()).to.deep.equal([])
  })
})
