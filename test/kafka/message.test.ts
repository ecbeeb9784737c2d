import { expect } from 'chai'
import type { KafkaConsumer, Message as ForeignMessage } from 'node-rdkafka'
import rdkafka from 'node-rdkafka'
import { BrokerError, ChannelError, TimeoutError } from 'millrace'
import {
  kafkaCode,
  type Message,
  MessageProducer,
  type OutgoingMessage,
  type PartitionConsumer,
  type ProducerClient
} from '../../lib/kafka/index.js'
import { type BrokerUnderTest, onEachBroker, onEmbeddedBroker } from '../support/brokers.js'
import { eventually } from '../support/eventually.js'
import { consumerClient, kafkaCall, makeTopic, plainProducer, producerClient, within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

/** Every byte there is. */
const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const empty = Buffer.alloc(0)

const outgoing = (
  key: Buffer | string | null,
  value: Buffer | string | null,
  headers: OutgoingMessage['headers'] = []
): OutgoingMessage => ({
  key: typeof key === 'string' ? Buffer.from(key) : key,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers
})

/** What was sent of a message that came. */
const sentOf = ({ key, value, headers }: Message): OutgoingMessage => ({ key, value, headers })

/** Opens producers and consumers that are closed after each test. */
class Fixture {
  readonly #closing: (() => Promise<void>)[] = []
  topic = ''

  constructor(readonly broker: BrokerUnderTest) {}

  async producer(settings = {}, topic?: string): Promise<{ client: ProducerClient; producer: MessageProducer }> {
    const client = await producerClient(this.broker(), settings)
    const producer = new MessageProducer(client, topic ?? this.topic)
    this.#closing.push(async () => {
      producer.close()
      await client.close()
    })
    return { client, producer }
  }

  async consumer(offset = 0, partitions = [0]): Promise<PartitionConsumer> {
    const client = await consumerClient(this.broker(), `g.${this.topic}`)
    const starts = partitions.map(partition => ({ partition, offset, isCommitted: true }))
    const consumer = await client.open(this.topic, starts)
    this.#closing.push(async () => {
      consumer.close()
      await client.close(within())
    })
    return consumer
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close()
  }
}

async function receive(consumer: PartitionConsumer, count: number, maxMessages = 100): Promise<Message[]> {
  const messages: Message[] = []
  const deadline = within()
  while (messages.length < count) {
    const drained = consumer.drainMessages(maxMessages)
    if (drained) messages.push(...drained.messages)
    else await deadline.wait(consumer.whenReady(), `${count - messages.length} more messages`)
  }
  expect(messages).to.have.length(count)
  return messages
}

function suite(broker: BrokerUnderTest): void {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = new Fixture(broker)
    fixture.topic = await makeTopic(broker(), 2)
  })
  afterEach(() => fixture.close())

  it('C59: key, value and headers come as they were sent: binary, empty, null, with names that repeat', async () => {
    const { producer } = await fixture.producer()
    const messages = [
      outgoing('key', 'value'),
      outgoing(binary, binary, [['binary', binary]]),
      outgoing(null, 'no key'),
      outgoing('tombstone', null, [['why', Buffer.from('retired')]]),
      outgoing(empty, empty, [['empty', empty]]),
      outgoing(null, null),
      outgoing('k', 'v', [
        ['same', Buffer.from('1')],
        ['other', Buffer.of(0)],
        ['same', Buffer.from('2')],
        ['same', Buffer.of(0x80, 0xff, 0)]
      ]),
      outgoing('ключ', 'значение', [
        ['имя', Buffer.from('ü')],
        ['', Buffer.from('no name')]
      ])
    ]
    for (const message of messages) await producer.send(0, message, within())
    const received = await receive(await fixture.consumer(), messages.length)
    expect(received.map(sentOf)).to.deep.equal(messages)
    expect(received.map(({ offset }) => offset)).to.deep.equal(messages.map((_, i) => i))
    for (const { timestamp } of received) expect(Math.abs(Date.now() - timestamp)).to.be.below(60_000)
  })

  it('C59: another client reads what we sent, and we read what it sent', async () => {
    const { producer } = await fixture.producer()
    const headers = ['1', '2', '3'].map(value => ['same', Buffer.from(value)] as const)
    await producer.send(0, outgoing(binary, binary, [...headers, ['binary', binary]]), within())
    const plain = await plainProducer(broker())
    const foreignHeaders = headers.map(([name, value]) => ({ [name]: value.toString() }))
    plain.produce(fixture.topic, 0, binary, binary, 1234, undefined, foreignHeaders)
    await kafkaCall(done => plain.flush(20_000, done))
    await new Promise<void>(resolve => plain.disconnect(() => resolve()))

    const [ours] = await consumePlainly(broker, fixture.topic, 1)
    expect([ours?.key, ours?.value]).to.deep.equal([binary, binary])
    const [, foreign] = await receive(await fixture.consumer(), 2)
    expect(foreign).to.deep.equal({ key: binary, value: binary, headers, offset: 1, timestamp: 1234 })
    expect(ours?.headers).to.deep.equal(
      [...headers, ['binary', binary]].map(([name, value]) => ({ [name as string]: value }))
    )
  })

  it('a thousand messages keep their order, though librdkafka has room for ten', async () => {
    const { producer } = await fixture.producer({ 'queue.buffering.max.messages': 10 })
    const consumer = await fixture.consumer()
    const values = Array.from({ length: 1000 }, (_, i) => `message ${i}`)
    const sent = values.map(value => producer.send(0, outgoing('key', value), within()))
    const received = await receive(consumer, values.length)
    expect(received.map(({ value }) => value?.toString())).to.deep.equal(values)
    await Promise.all(sent)
  })

  it('acknowledges a message of each partition, and gives them in turns', async () => {
    const { producer } = await fixture.producer()
    for (const partition of [1, 0, 1, 0]) await producer.send(partition, outgoing(`${partition}`, 'v'), within())
    const consumer = await fixture.consumer(0, [0, 1])
    const partitions: number[] = []
    while (partitions.length < 4) {
      const drained = consumer.drainMessages(1)
      if (!drained) await within().wait(consumer.whenReady(), 'messages')
      else partitions.push(drained.partition.number)
    }
    expect(partitions.sort((one, other) => one - other)).to.deep.equal([0, 0, 1, 1])
  })

  it('drains no more than it is asked for, and stands behind what it gave', async () => {
    const { producer } = await fixture.producer()
    for (let i = 0; i < 5; i++) await producer.send(0, outgoing(null, `${i}`), within())
    const consumer = await fixture.consumer()
    const [partition] = consumer.partitions
    await receive(consumer, 2, 1)
    expect(partition?.position).to.equal(2)
    // What the last drain left goes on, whoever drains; it may come with another answer of the broker.
    let drained = consumer.drain(1)
    for (; !drained; drained = consumer.drain(1)) await within().wait(consumer.whenReady(), 'the third message')
    expect(drained).to.have.property('count', 1)
    expect(consumer.client.buffers.slab.toString('utf8', 0, 1)).to.equal('2')
    expect((await receive(consumer, 2)).map(({ value }) => value?.toString())).to.deep.equal(['3', '4'])
    expect(consumer.drainMessages(100)).to.equal(undefined)
    expect(partition).to.include({ position: 5, isReady: false })
    expect(partition?.leaderEpoch).to.be.at.least(0)
  })

  it('gives the messages of a drain of records that was told to keep them, until the next one', async () => {
    const { producer } = await fixture.producer()
    const messages = ['a', 'b'].map(text => outgoing(`key ${text}`, text, [['from', Buffer.from(text)]]))
    for (const message of messages) await producer.send(0, message, within())
    const consumer = await fixture.consumer()
    for (const [offset, message] of messages.entries()) {
      while (!consumer.drain(1, true)) await within().wait(consumer.whenReady(), `message ${offset}`)
      expect(consumer.client.drained(0)).to.deep.include({ ...message, offset })
      expect(() => consumer.client.drained(1)).to.throw(RangeError, 'the index of a kept message')
    }
    expect(consumer.drain(1)).to.equal(undefined)
    expect(() => consumer.client.drained(0)).to.throw(RangeError, 'the index of a kept message')
  })

  it('rejects a message to a topic that is not there: at first, and when librdkafka knows it', async () => {
    const { producer } = await fixture.producer({ 'topic.metadata.propagation.max.ms': 100 }, 'no.such.topic')
    for (let i = 0; i < 2; i++) {
      const error = (await rejection(producer.send(0, outgoing('k', 'v'), within()))) as BrokerError
      expect(error).to.be.instanceOf(BrokerError)
      expect([kafkaCode.unknownTopic, kafkaCode.unknownTopicOrPartition]).to.include(error.kafkaCode)
      expect(error.message).to.contain('no.such.topic [0], which is surely not in the log')
    }
  })

  it('rejects a message to a partition that is not there, and sends the next', async () => {
    const { producer } = await fixture.producer()
    await producer.send(0, outgoing('k', 'v'), within())
    const error = await rejection(producer.send(7, outgoing('k', 'v'), within()))
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', kafkaCode.unknownPartition)
    await producer.send(0, outgoing('k', 'v'), within())
  })

  it('rejects a message that is too large by its value, key or headers, and sends the next', async () => {
    const { producer } = await fixture.producer()
    const large = Buffer.alloc(1_100_000)
    for (const message of [outgoing('k', large), outgoing(large, 'v'), outgoing('k', 'v', [['large', large]])]) {
      const error = await rejection(producer.send(0, message, within()))
      expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', kafkaCode.recordTooLarge)
    }
    await producer.send(0, outgoing('k', 'v'), within())
  })

  it('rejects what is no message before anything is sent', async () => {
    const { client, producer } = await fixture.producer()
    const pair = (name: unknown, value: unknown): object => ({ key: null, value: null, headers: [[name, value]] })
    const wrong: [object, ErrorConstructor][] = [
      [{ key: 'text', value: null, headers: [] }, TypeError],
      [{ key: null, value: undefined, headers: [] }, TypeError],
      [{ key: null, value: 1, headers: [] }, TypeError],
      [pair(1, empty), TypeError],
      [pair('name', 'text'), TypeError],
      [pair('name', null), TypeError],
      [pair('a\0b', empty), RangeError],
      [{ key: null, value: null, headers: [['name']] }, RangeError]
    ]
    for (const [message, constructor] of wrong) {
      const error = await rejection(producer.send(0, message as OutgoingMessage, within()))
      expect(error).to.be.instanceOf(constructor)
    }
    expect(await rejection(producer.send(-1, outgoing(null, null), within()))).to.be.instanceOf(RangeError)
    const topic = client.openTopic(fixture.topic)
    // Reading the headers runs JavaScript, which takes the topic away.
    const headers = [['name', empty]] as const
    Object.defineProperty(headers, 'flat', {
      value: () => Object.defineProperty(['', empty], 0, { get: () => (client.closeTopic(topic), 'name') })
    })
    const call = (): boolean => client.produceMessage(topic, 0, { key: null, value: null, headers }, () => undefined)
    expect(call).to.throw(RangeError, 'an open topic')
    await producer.send(0, outgoing('k', 'v'), within())
    expect(await receive(await fixture.consumer(), 1)).to.have.length(1)
  })

  it('says what librdkafka put in the place of a message, by its code', async () => {
    const consumer = await fixture.consumer(1000)
    await within().wait(consumer.whenReady(), 'the queue')
    let failure: unknown
    await eventually(
      () => {
        try {
          consumer.drainMessages(100)
        } catch (error) {
          failure = error
        }
        return failure !== undefined
      },
      { timeoutMs: 20_000, waitedFor: 'the error of an offset that is out of range' }
    )
    expect(failure).to.be.instanceOf(BrokerError).with.property('kafkaCode', kafkaCode.autoOffsetReset)
    expect(consumer.partitions[0]?.position).to.equal(-1)
  })

  it('takes nothing more once it is closed, and still settles what it took', async () => {
    const { producer } = await fixture.producer()
    const sent = producer.send(0, outgoing('k', 'v'), within())
    producer.close()
    producer.close()
    await sent
    expect(await rejection(producer.send(0, outgoing('k', 'v'), within()))).to.be.instanceOf(ChannelError)
  })
}

/** As a client of another library would. */
async function consumePlainly(broker: BrokerUnderTest, topic: string, count: number): Promise<ForeignMessage[]> {
  const settings = { 'bootstrap.servers': broker().bootstrapServers, 'group.id': `plain.${topic}` }
  const consumer: KafkaConsumer = new rdkafka.KafkaConsumer(settings, {})
  await kafkaCall(done => consumer.connect({ allTopics: false } as never, error => done(error)))
  consumer.assign([{ topic, partition: 0, offset: 0 }])
  const messages: ForeignMessage[] = []
  while (messages.length < count) {
    await kafkaCall(done =>
      consumer.consume(count, (error, some) => {
        if (!error) messages.push(...some)
        done(error)
      })
    )
  }
  await new Promise<void>(resolve => consumer.disconnect(() => resolve()))
  return messages
}

onEachBroker('messages with keys and headers', suite)

onEmbeddedBroker('messages when the broker is away', broker => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = new Fixture(broker)
    fixture.topic = await makeTopic(broker(), 1)
  })
  afterEach(async () => {
    broker().setBrokerUp(1, true)
    broker().setRoundTripTime(1, 0)
    await fixture.close()
  })

  it('waits for the acknowledgement until the deadline, and calls that not retriable', async () => {
    const { producer } = await fixture.producer()
    await producer.send(0, outgoing('k', '1'), within())
    broker().setBrokerUp(1, false)
    const error = await rejection(producer.send(0, outgoing('k', '2'), within(50)))
    expect(error).to.be.instanceOf(TimeoutError).with.property('isRetriable', false)
    broker().setBrokerUp(1, true)
    const received = await receive(await fixture.consumer(), 2)
    expect(received.map(({ value }) => value?.toString())).to.deep.equal(['1', '2'])
  })

  it('says that a message may be in the log when no answer came', async () => {
    const { producer } = await fixture.producer({ 'message.timeout.ms': 500 })
    await producer.send(0, outgoing('k', '1'), within())
    broker().setRoundTripTime(1, 3000)
    const error = await rejection(producer.send(0, outgoing('k', '2'), within()))
    expect(error).to.be.instanceOf(BrokerError)
    expect(error.message).to.contain('which may be in the log')
  })
})
