/** `millrace demo`: a writer, a topic, a group of directly assigned readers, and every record accounted for. */
import { type BrokerKind, createTestBroker, type TestBroker } from '../../broker/index.js'
import { type Command, UsageError, wholeNumberOption } from '../command.js'
import { hasFaults, reportJson, reportText } from './report.js'
import { runDemo } from './run.js'
import { stopBySignal } from '../stop-by-signal.js'

export const demo: Command = {
  name: 'demo',
  summary: 'Writes records through a topic to a group of readers and checks every one of them.',
  options: {
    broker: { type: 'string', value: 'B', text: 'embedded (default), apache, or HOST:PORT[,HOST:PORT]' },
    records: { type: 'string', value: 'N', text: 'how many records; default 100000' },
    members: { type: 'string', value: 'N', text: 'readers in the group, a partition each; default 13' },
    size: { type: 'string', value: 'BYTES', text: 'encoded bytes of a record, at least 32; default 100' },
    json: { type: 'boolean', text: 'the result as JSON, and nothing else, on standard output' }
  },
  async run(values) {
    const options = {
      records: wholeNumberOption('records', values.records, 100_000, 1, 1_000_000_000),
      members: wholeNumberOption('members', values.members, 13, 1, 10_000),
      recordBytes: wholeNumberOption('size', values.size, 100, 32, 900_000)
    }
    const broker = await openBroker(typeof values.broker === 'string' ? values.broker : 'embedded')
    const stop = stopBySignal()
    try {
      const terminal = process.stderr.isTTY ? process.stderr : undefined
      const result = await runDemo(broker, options, terminal, stop.signal)
      console.log(values.json ? reportJson(result) : reportText(result))
      return hasFaults(result) ? 1 : 0
    } catch (error) {
      // Only the stop itself: what fails while it stops is an error all the same.
      const status = stop.status()
      if (status === undefined || error !== stop.signal.reason) throw error
      return status
    } finally {
      await broker.close()
      stop.end()
    }
  }
}

async function openBroker(name: string): Promise<TestBroker> {
  const kinds: readonly BrokerKind[] = ['embedded', 'apache', 'auto']
  const kind = kinds.find(one => one === name)
  if (kind) return await createTestBroker(kind)
  if (!/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/.test(name)) {
    throw new UsageError(`--broker is embedded, apache or HOST:PORT, not '${name}'`)
  }
  return { kind: 'given', bootstrapServers: name, capabilities: new Set(), close: () => Promise.resolve() }
}
