import { expect } from 'chai'
import { BrokerError, TimeoutError } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import type { Metadata, Producer } from 'node-rdkafka'
import { Deadline } from '../../lib/deadline.js'
import { ProducerClient, producerConfig } from '../../lib/kafka/index.js'
import { native } from '../../lib/native/index.js'
import { eventually } from '../support/eventually.js'
import { producerClient } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

type Answer = (error: unknown, data: Metadata) => void
type GetMetadata = (this: Producer, options: { readonly timeout: number }, done: Answer) => void

/** What makes librdkafka connect at once, and takes no thread for longer than this. */
const NUDGE_MS = 1

describe('connect', () => {
  let broker: EmbeddedBroker
  let prototype: { getMetadata: GetMetadata }
  /** Questions for the brokers that are not answered yet, and the most there were of them. */
  let [asking, mostAsking, asked] = [0, 0, 0]
  /** Between the answer of the broker, and its coming to whoever asked. */
  let answer: (give: () => void) => void

  before(() => {
    broker = new EmbeddedBroker()
    prototype = native().rdkafka.Producer.prototype as unknown as typeof prototype
  })
  after(() => broker.close())
  beforeEach(() => {
    ;[asking, mostAsking, asked] = [0, 0, 0]
    // As long as a broker takes, so that questions asked at once would overlap; no test waits by it.
    answer = give => setTimeout(give, 5)
    const getMetadata = prototype.getMetadata
    prototype.getMetadata = function (options, done) {
      if (options.timeout === NUDGE_MS) return getMetadata.call(this, options, done)
      asked++
      mostAsking = Math.max(mostAsking, ++asking)
      return getMetadata.call(this, options, (error, data) =>
        answer(() => {
          asking--
          done(error, data)
        })
      )
    }
  })
  // What is there otherwise is inherited from node-rdkafka's Client.
  afterEach(() => Reflect.deleteProperty(prototype, 'getMetadata'))

  it('asks for the brokers one client at a time: each question stands on a thread of the pool that all files need', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => producerClient(broker)))
    expect({ asked, asking, mostAsking }).to.deep.equal({ asked: 8, asking: 0, mostAsking: 1 })
    for (const { brokerIds } of clients) expect(brokerIds).to.deep.equal([1])
    await Promise.all(clients.map(client => client.close()))
  })

  it('lets the next one ask when a question has failed', async () => {
    let failures = 2
    const getMetadata = prototype.getMetadata
    prototype.getMetadata = function (options, done) {
      const fails = options.timeout !== NUDGE_MS && failures-- > 0
      getMetadata.call(this, options, (error, data) => done(fails ? new BrokerError('away', -195) : error, data))
    }
    const clients = await Promise.all([1, 2, 3].map(() => producerClient(broker)))
    expect(asked).to.equal(5)
    expect(mostAsking).to.equal(1)
    await Promise.all(clients.map(client => client.close()))
  })

  it('waits for the turn of another within its own deadline only', async () => {
    const held: (() => void)[] = []
    answer = give => held.push(give)
    const first = producerClient(broker)
    await eventually(() => asking === 1, { timeoutMs: 20_000, waitedFor: 'the first question' })
    const config = producerConfig({ bootstrapServers: broker.bootstrapServers }, 1)
    const late = await rejection(ProducerClient.connect(config, new Deadline({ timeoutMs: 300 }, 1)))
    expect(late).to.be.instanceOf(TimeoutError).with.property('waitedFor').that.contains(broker.bootstrapServers)
    expect(asked).to.equal(1)
    answer = give => give()
    held.forEach(give => give())
    await (await first).close()
  })
})
