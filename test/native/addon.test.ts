import { expect } from 'chai'
import { EmbeddedBroker } from 'millrace/testing'
import { ProducerClient } from '../../lib/kafka/index.js'
import { native } from '../../lib/native/index.js'
import { producerClient, within } from '../support/raw.js'

describe('addon', () => {
  const { addon } = native()
  let broker: EmbeddedBroker
  before(() => {
    broker = new EmbeddedBroker()
    broker.createTopic('topic', 2)
  })
  after(() => broker.close())

  it('refuses a client that the plugin did not capture, by name', () => {
    expect(() => new addon.PartitionQueues('nobody#1', () => undefined)).to.throw(/'nobody#1' was not captured/)
    expect(() => new addon.SlabProducer('nobody#1', () => undefined)).to.throw(/not captured/)
    expect(() => new addon.Requests('nobody#1', true, () => undefined)).to.throw(/not captured/)
  })

  it('knows which settings librdkafka has, and of what they are', () => {
    expect(addon.checkSetting('linger.ms', '20')).to.deep.equal({ problem: '', isKnown: true, isOfTopic: false })
    expect(addon.checkSetting('message.timeout.ms', '20')).to.deep.equal({
      problem: '',
      isKnown: true,
      isOfTopic: true
    })
    expect(addon.checkSetting('linger.ms', 'soon').problem).to.contain('Invalid value')
    expect(addon.checkSetting('no.such.thing', '1').problem).to.contain('no.such.thing')
  })

  describe('produce', () => {
    let client: ProducerClient
    before(async () => {
      client = await producerClient(broker)
    })
    after(() => client.close())

    const slab = Buffer.from('abcdef')
    const bad: [string, Uint32Array, Int32Array, number, number][] = [
      ['ends that do not ascend', Uint32Array.of(4, 2), Int32Array.of(0, 0), 0, 2],
      ['ends beyond the slab', Uint32Array.of(3, 7), Int32Array.of(0, 0), 0, 2],
      ['fewer ends than records', Uint32Array.of(3), Int32Array.of(0, 0), 0, 2],
      ['fewer partitions than records', Uint32Array.of(3, 6), Int32Array.of(0), 0, 2],
      ['a negative partition', Uint32Array.of(3, 6), Int32Array.of(0, -1), 0, 2],
      ['a range that is turned round', Uint32Array.of(3, 6), Int32Array.of(0, 0), 2, 1]
    ]
    for (const [what, ends, partitions, from, to] of bad) {
      it(`refuses ${what} before anything is sent`, () => {
        const topic = client.openTopic('topic')
        expect(() => client.produce(topic, slab, ends, partitions, from, to, () => undefined)).to.throw(RangeError)
        client.closeTopic(topic)
      })
    }

    it('refuses a topic that is not open', () => {
      const call = (topic: number) => () =>
        client.produce(topic, slab, Uint32Array.of(1), Int32Array.of(0), 0, 1, () => undefined)
      expect(call(99)).to.throw(RangeError)
      const topic = client.openTopic('topic')
      client.closeTopic(topic)
      expect(call(topic)).to.throw(RangeError)
    })

    it('takes what can be sent though a record among it is too large, and counts that one as failed', async () => {
      const large = Buffer.alloc(1_200_000)
      const ends = Uint32Array.of(10, 1_100_010, 1_100_020)
      const topic = client.openTopic('topic')
      const settled = await new Promise(resolve => {
        const taken = client.produce(topic, large, ends, Int32Array.of(0, 0, 1), 0, 3, resolve)
        expect(taken).to.equal(3)
      })
      expect(settled).to.include({ acknowledged: 2, failed: 1, unknown: 0 })
      client.closeTopic(topic)
    })

    it('gives a detached slab no record', () => {
      const topic = client.openTopic('topic')
      const memory = new ArrayBuffer(8)
      const gone = Buffer.from(memory)
      structuredClone(memory, { transfer: [memory] })
      const call = (): number => client.produce(topic, gone, Uint32Array.of(4), Int32Array.of(0), 0, 1, () => undefined)
      expect(call).to.throw(RangeError)
      client.closeTopic(topic)
    })
  })

  it('closes twice, and refuses calls after that by name', async () => {
    const client = await producerClient(broker)
    await client.close()
    await client.close()
    expect(() => client.openTopic('topic')).to.throw(/closed/)
    let error: unknown
    await client.requests.describeTopic('topic', 1, within()).catch((reason: unknown) => (error = reason))
    expect(error).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
  })
})
