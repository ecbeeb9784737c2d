import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { BrokerError, ConfigurationError, TimeoutError } from 'millrace'
import {
  addPartitions,
  createTopic,
  createTopics,
  deleteTopic,
  deleteTopics,
  kafkaCode,
  MessageProducer,
  type OutgoingMessage,
  type ProducerClient,
  topicExists,
  type TopicPlan,
  waitForTopic,
  waitUntilGone
} from '../../lib/kafka/index.js'
import { type BrokerUnderTest, needs, onEachBroker, onRealBroker } from '../support/brokers.js'
import { producerClient, within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

const message = (bytes: number): OutgoingMessage => ({ key: null, value: Buffer.alloc(bytes), headers: [] })

function plan(partitions = 1, config?: Record<string, string>): TopicPlan {
  return { topic: `test.${randomUUID()}`, partitions, topicReplicationFactor: 1, config }
}

onEachBroker('topics', (broker: BrokerUnderTest) => {
  let observer: ProducerClient
  before(async () => {
    observer = await producerClient(broker())
  })
  after(() => observer.close())

  it('creates several, and says which were there already', async () => {
    const plans = [plan(1), plan(3, { 'cleanup.policy': 'compact', 'segment.ms': '60000' }), plan(2)]
    expect(await createTopic(broker(), plans[1] as TopicPlan, within())).to.equal(true)
    expect(await createTopics(broker(), plans, within())).to.deep.equal([true, false, true])
    const described = await Promise.all(plans.map(({ topic }) => waitForTopic(observer, topic, within())))
    expect(described.map(({ partitionCount }) => partitionCount)).to.deep.equal([1, 3, 2])
  })

  it('deletes several, which no broker shows afterwards, and says which were there', async () => {
    const plans = [plan(), plan()]
    await createTopics(broker(), plans, within())
    for (const { topic } of plans) await waitForTopic(observer, topic, within())
    const topics = plans.map(({ topic }) => topic)
    const gone = await deleteTopics(broker(), observer, [...topics, 'never.there'], within())
    expect(gone).to.deep.equal([true, true, false])
    for (const topic of topics) expect(await topicExists(observer, topic, within())).to.equal(false)
    expect(await deleteTopic(broker(), topics[0] as string, within())).to.equal(false)
  })

  it('C52: waits no longer than its deadline for a topic to be gone', async () => {
    const { topic } = plan()
    await createTopic(broker(), { ...plan(), topic }, within())
    await waitForTopic(observer, topic, within())
    const error = await rejection(waitUntilGone(observer, topic, within(120)))
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain(`the deleted topic ${topic} to be gone from every broker`)
  })

  it('refuses a number of partitions that cannot be', async () => {
    for (const total of [0, -1, 1.5, NaN]) {
      expect(await rejection(addPartitions(broker(), 'topic', total, within()))).to.be.instanceOf(RangeError)
    }
  })

  it('adds partitions, or says that this broker cannot', async () => {
    const { topic } = plan()
    await createTopic(broker(), { ...plan(2), topic }, within())
    await waitForTopic(observer, topic, within())
    if (broker().kind === 'embedded') {
      const error = await rejection(addPartitions(broker(), topic, 5, within()))
      expect(error).to.be.instanceOf(ConfigurationError)
      expect(error.message).to.contain('the embedded broker cannot add partitions').and.contain(topic)
      return
    }
    expect(await addPartitions(broker(), topic, 5, within())).to.equal(true)
    expect(await waitForTopic(observer, topic, within(), 5)).to.have.property('partitionCount', 5)
    for (const total of [5, 3]) expect(await addPartitions(broker(), topic, total, within())).to.equal(false)
    const error = await rejection(addPartitions(broker(), 'never.there', 2, within()))
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', kafkaCode.unknownTopicOrPartition)
  })
})

onRealBroker('topics of a cluster', broker => {
  it('a topic has the settings that it was created with', async () => {
    const small = plan(1, { 'max.message.bytes': '1000' })
    await createTopic(broker(), small, within())
    const client = await producerClient(broker())
    await waitForTopic(client, small.topic, within())
    const producer = new MessageProducer(client, small.topic)
    await producer.send(0, message(100), within())
    const error = await rejection(producer.send(0, message(2000), within()))
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', kafkaCode.recordTooLarge)
    producer.close()
    await client.close()
  })

  it('a setting that cannot be is an error, and the topics before it are there', async () => {
    const [good, bad] = [plan(), plan(1, { 'cleanup.policy': 'nonsense' })]
    const error = await rejection(createTopics(broker(), [good, bad], within()))
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', kafkaCode.invalidConfig)
    expect(error.message).to.contain(`creating the topic ${bad.topic}`)
    expect(await createTopics(broker(), [good], within())).to.deep.equal([false])
  })

  it('C52: delete, create, open and write in a row, 50 times without a pause', async function () {
    needs(this, broker(), 'recreate-topics')
    this.timeout(180_000)
    const plans = [plan(4), plan(4), plan(4)]
    const topics = plans.map(({ topic }) => topic)
    const client = await producerClient(broker())
    const ids = new Set<string>()
    for (let round = 0; round < 50; round++) {
      expect(await createTopics(broker(), plans, within())).to.deep.equal([true, true, true])
      const described = await Promise.all(topics.map(topic => waitForTopic(client, topic, within())))
      for (const { id } of described) ids.add(id)
      // As another process would, which has known none of them.
      const fresh = await producerClient(broker())
      for (const topic of topics) {
        const producer = new MessageProducer(fresh, topic)
        await producer.send(3, message(10), within())
        producer.close()
      }
      await fresh.close()
      expect(await deleteTopics(broker(), client, topics, within())).to.deep.equal([true, true, true])
    }
    expect(ids.size).to.equal(150)
    await client.close()
  })
})
