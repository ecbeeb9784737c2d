import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { onOwnBroker } from '../support/brokers.js'
import { topicNames } from '../support/topic-names.js'
import { installPypz, NoPypz, type PypzEnvironment } from './environment.js'
import { PypzOperator, type Sample, type Stages } from './pypz-operator.js'

const RECORDS = 5000
/** Starting Python, and the ten seconds that pypz takes for a look at nothing. */
const timeoutMs = 90_000
const schema = {
  type: 'record',
  name: 'Sample',
  fields: [
    { name: 'writer', type: 'string' },
    { name: 'i', type: 'long' }
  ]
} as const

// The newest Kafka that pypz's client can speak to.
onOwnBroker('pypz on the same channel', { version: '3.9.1' }, broker => {
  let pypz: PypzEnvironment
  const started: PypzOperator[] = []

  before('pypz is installed', async function () {
    try {
      pypz = await installPypz()
    } catch (error) {
      if (!(error instanceof NoPypz)) throw error
      console.log(`skipped: ${error.message}`)
      this.skip()
    }
  })

  after(async () => {
    for (const operator of started) operator.kill()
    await Promise.allSettled(started.map(({ ended }) => ended))
    await pypz?.remove()
  })

  /** A pipeline, as both know it. */
  function pipeline(writers: readonly string[], replicas: number) {
    const name = `test_${randomUUID().replaceAll('-', '')}`
    const location = broker().bootstrapServers
    const stages: Stages = { pipeline: name, location, writers, replicas, records: RECORDS }
    const channelName = `${name}.reader.input_port`
    const common = { location, channelName, schema, encoding: 'plain', timeoutMs } as const
    return {
      channelName,
      /** Starts one of pypz's operators. */
      start(operator: string): PypzOperator {
        const process = new PypzOperator(pypz, stages, operator)
        started.push(process)
        return process
      },
      /** Writes as one of the pipeline's writers. */
      async write(writer: string): Promise<void> {
        const output = await KafkaChannelWriter.open<Sample>({ ...common, name: `${name}.${writer}.output_port` })
        for (let i = 0; i < RECORDS; i += 100) {
          await output.write(Array.from({ length: 100 }, (_, k) => ({ writer, i: i + k })))
        }
        await output.close()
      },
      /** Reads as a member of the reader's group, with the name that pypz gives it. */
      async read(index: number): Promise<Sample[]> {
        const port = `${name}.reader${index > 0 ? `_${index - 1}` : ''}.input_port`
        const group = { name: channelName, index, size: replicas + 1 }
        const input = await KafkaChannelReader.open<Sample>({ ...common, group, name: port, writers: writers.length })
        const samples: Sample[] = []
        for await (const batch of input.batches()) {
          samples.push(...batch.records)
          await batch.done()
        }
        await input.close({ timeoutMs })
        return samples
      }
    }
  }

  /** Every record of every writer once, and those that one member has read of one writer in the order of writing. */
  function expectAll(members: readonly (readonly Sample[])[], writers: readonly string[]): void {
    const expected = Array.from({ length: RECORDS }, (_, i) => i)
    for (const writer of writers) {
      const perMember = members.map(samples => samples.filter(one => one.writer === writer).map(({ i }) => i))
      for (const numbers of perMember) {
        expect(numbers.length).to.be.greaterThan(0)
        expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b))
      }
      expect(perMember.flat().toSorted((a, b) => a - b)).to.deep.equal(expected)
    }
  }

  async function expectGoodEnds(...operators: readonly PypzOperator[]): Promise<void> {
    for (const { ended } of operators) {
      const { status, stderr } = await ended
      expect(status, stderr).to.equal(0)
    }
  }

  async function expectNoTopics(channelName: string): Promise<void> {
    expect((await topicNames(broker())).filter(name => name.startsWith(channelName))).to.deep.equal([])
  }

  it('reads what an operator of pypz writes, ends when it has ended, and deletes the topics', async () => {
    const run = pipeline(['writer'], 2)
    const writer = run.start('writer')
    const members = await Promise.all([0, 1, 2].map(index => run.read(index)))
    expectAll(members, ['writer'])
    await expectGoodEnds(writer)
    await expectNoTopics(run.channelName)
  })

  it('writes what a replicated operator of pypz reads, which ends when our writer has closed', async () => {
    const run = pipeline(['writer'], 1)
    const readers = [run.start('reader'), run.start('reader_0')]
    await run.write('writer')
    await expectGoodEnds(...readers)
    const members = readers.map(({ records }) => records)
    expectAll(members, ['writer'])
    await expectNoTopics(run.channelName)
  })

  it('reads and writes beside pypz on one channel, with our principal', async () => {
    const run = pipeline(['writer', 'other'], 2)
    const [writer, replica] = [run.start('writer'), run.start('reader_0')]
    const [first, third] = await Promise.all([run.read(0), run.read(2), run.write('other')])
    await expectGoodEnds(writer, replica)
    expectAll([first, replica.records, third], ['writer', 'other'])
    await expectNoTopics(run.channelName)
  })

  it('reads and writes beside pypz on one channel, with a principal of pypz', async () => {
    const run = pipeline(['writer', 'other'], 2)
    const [writer, principal, replica] = [run.start('writer'), run.start('reader'), run.start('reader_1')]
    const [second] = await Promise.all([run.read(1), run.write('other')])
    await expectGoodEnds(writer, principal, replica)
    expectAll([principal.records, second, replica.records], ['writer', 'other'])
    await expectNoTopics(run.channelName)
  })
})
