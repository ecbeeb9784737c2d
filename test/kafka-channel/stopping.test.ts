import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect } from 'chai'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { onApacheBrokers } from '../support/brokers.js'
import { itemSchema } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { startScript } from '../support/run-script.js'

interface Sample {
  readonly i: number
}

const schema = '{"type":"record","name":"Sample","fields":[{"name":"i","type":"long"}]}'
const RECORDS_A_LIFE = 3000
const STOPS = 6

onApacheBrokers(1, 'C62: a stage that is stopped in the middle of its work', broker => {
  let input: KafkaChannelWriter<Sample>
  let output: KafkaChannelReader<Sample>
  let stage: ChildProcess
  let start: () => void
  const outputs: number[] = []

  beforeEach(async () => {
    outputs.length = 0
    const location = broker().bootstrapServers
    const [from, to] = [`test.${randomUUID()}`, `test.${randomUUID()}`]
    start = () => {
      stage = startScript('examples/stage.mjs', [location, from, to], { stdio: ['ignore', 'ignore', 'inherit'] })
    }
    start()
    const opening = KafkaChannelReader.open<Sample>({ location, channelName: to, schema, timeoutMs: 20_000 })
    input = await KafkaChannelWriter.open<Sample>({ location, channelName: from, schema, timeoutMs: 20_000 })
    output = await opening
  })

  afterEach(async () => {
    stage.kill('SIGKILL')
    await Promise.allSettled([input.close(), output.close()])
  })

  /** Resolves when the output of record `last` was read. */
  async function readUntil(last: number): Promise<void> {
    while ((outputs.at(-1) ?? -1) < 2 * last) {
      const { records } = await output.read({ maxRecords: 100, timeoutMs: 20_000 })
      for (const { i } of records) outputs.push(i)
    }
  }

  /** Lets the stage work for a moment that is never the same, and ends its life. */
  async function endLife(life: number, signal: NodeJS.Signals): Promise<[number | null, string | null]> {
    const ended = once(stage, 'exit') as Promise<[number | null, string | null]>
    const first = life * RECORDS_A_LIFE
    const writing = (async () => {
      for (let i = first; i < first + RECORDS_A_LIFE; i += 100) {
        await input.write(Array.from({ length: 100 }, (_, k) => ({ i: i + k })))
        await input.flush()
      }
    })()
    // An output of this life, so that the stage is at work.
    await readUntil(first + Math.floor(Math.random() * RECORDS_A_LIFE * 0.8))
    stage.kill(signal)
    await writing
    return await ended
  }

  async function readToTheEnd(): Promise<[number | null, string | null]> {
    const ended = once(stage, 'exit') as Promise<[number | null, string | null]>
    await input.close()
    for await (const { records } of output.batches()) for (const { i } of records) outputs.push(i)
    await output.commit()
    const status = await ended
    await output.close()
    return status
  }

  const expected = Array.from({ length: STOPS * RECORDS_A_LIFE }, (_, i) => 2 * i)

  it('ends with 143 or 130, and started again goes on where it was: every output is there once, in order', async () => {
    for (let life = 0; life < STOPS; life++) {
      const [signal, status] = life % 3 === 2 ? (['SIGINT', 130] as const) : (['SIGTERM', 143] as const)
      expect(await endLife(life, signal)).to.deep.equal([status, null])
      start()
    }
    expect(await readToTheEnd()).to.deep.equal([0, null])
    expect(outputs).to.deep.equal(expected)
  })

  it('ends at once at a second signal where the first has to wait for a broker, and loses nothing by that', async () => {
    await input.write(expected.slice(0, 1000).map(i => ({ i: i / 2 })))
    await readUntil(500)
    const ended = once(stage, 'exit')
    broker().pause(1)
    try {
      // The handler of the first is gone when the second comes, which may be merged with it while the stage is busy.
      const isOver = (): boolean => !stage.kill('SIGTERM') || stage.signalCode !== null || stage.exitCode !== null
      await eventually(isOver, { timeoutMs: 5000, waitedFor: 'the end of the stage' })
      expect(await ended).to.deep.equal([null, 'SIGTERM'])
    } finally {
      broker().resume(1)
    }
    start()
    expect(await readToTheEnd()).to.deep.equal([0, null])
    expect([...new Set(outputs)].toSorted((a, b) => a - b)).to.deep.equal(expected.slice(0, 1000))
  })

  it('loses nothing when it is killed instead, though some outputs come again', async () => {
    for (let life = 0; life < STOPS; life++) {
      expect(await endLife(life, 'SIGKILL')).to.deep.equal([null, 'SIGKILL'])
      start()
    }
    expect(await readToTheEnd()).to.deep.equal([0, null])
    expect([...new Set(outputs)].toSorted((a, b) => a - b)).to.deep.equal(expected)
  })
})

describe('C62: the library', () => {
  it('has no handlers of signals, and leaves none of anything behind on the process', async () => {
    const events = ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'beforeExit'] as const
    const count = (): number[] => events.map(event => process.listenerCount(event))
    const before = count()
    const broker = new EmbeddedBroker()
    const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }
    const [reader, writer] = await Promise.all([KafkaChannelReader.open(common), KafkaChannelWriter.open(common)])
    const during = count()
    await writer.close()
    await reader.close()
    await broker.close()
    expect([during, count()]).to.deep.equal([before, before])
  })
})
