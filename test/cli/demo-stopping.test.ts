import { once } from 'node:events'
import { expect } from 'chai'
import type { Metadata, Producer } from 'node-rdkafka'
import { onRealBroker } from '../support/brokers.js'
import { eventually } from '../support/eventually.js'
import { plainProducer } from '../support/raw.js'
import { startScript } from '../support/run-script.js'

onRealBroker('C62: millrace demo that is stopped', broker => {
  let client: Producer
  before(async () => (client = await plainProducer(broker())))
  after(() => new Promise<void>(resolve => client.disconnect(() => resolve())))

  async function demoTopics(): Promise<string[]> {
    const { topics } = await new Promise<Metadata>((resolve, reject) => {
      client.getMetadata({ timeout: 10_000 }, (error: unknown, data) =>
        error ? reject(error as Error) : resolve(data)
      )
    })
    return topics.map(({ name }) => name).filter(name => name.startsWith('millrace.demo.'))
  }

  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130]
  ] as const) {
    it(`ends with ${status} at ${signal}, and leaves no topic behind`, async () => {
      const args = ['demo', '--broker', broker().bootstrapServers, '--records', '1000000000', '--members', '3']
      const child = startScript('lib/cli/main.ts', args)
      const output: string[] = []
      child.stdout?.on('data', data => output.push(String(data)))
      child.stderr?.on('data', data => output.push(String(data)))
      const ended = once(child, 'close')
      try {
        const isThere = async (): Promise<boolean> => (await demoTopics()).length === 3
        await eventually(isThere, { timeoutMs: 20_000, waitedFor: 'the topics of the demo' })
        child.kill(signal)
        expect(await ended).to.deep.equal([status, null])
        expect(output.join('')).to.equal('')
        const isGone = async (): Promise<boolean> => (await demoTopics()).length === 0
        await eventually(isGone, { timeoutMs: 5000, waitedFor: 'the end of its topics' })
      } finally {
        child.kill('SIGKILL')
        await ended
      }
    })
  }
})
