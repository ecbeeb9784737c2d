import { once } from 'node:events'
import { expect } from 'chai'
import { onRealBroker } from '../support/brokers.js'
import { eventually } from '../support/eventually.js'
import { startScript } from '../support/run-script.js'
import { topicNames } from '../support/topic-names.js'

onRealBroker('C62: millrace demo that is stopped', broker => {
  async function demoTopics(): Promise<string[]> {
    return (await topicNames(broker())).filter(name => name.startsWith('millrace.demo.'))
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
