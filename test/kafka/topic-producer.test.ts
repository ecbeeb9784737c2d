import { expect } from 'chai'
import type { ProducerClient, Settled } from '../../lib/kafka/producer-client.js'
import { type OutgoingBatch, TopicProducer } from '../../lib/kafka/topic-producer.js'
import { rejection } from '../support/rejection.js'

/** Takes what it is given, up to a limit, and settles when it is told to. */
class FakeClient {
  /** Records of each `produce` call, by their first byte. */
  readonly produced: number[][] = []
  capacity = Infinity
  readonly #tickets: { count: number; settle: (settled: Settled) => void }[] = []
  #room: (() => void) | undefined

  openTopic(): number {
    return 0
  }
  closeTopic(): void {
    this.capacity = 0
  }
  onceRoom(callback: () => void): void {
    this.#room = callback
  }
  produce(
    _topic: number,
    slab: Buffer,
    ends: Uint32Array,
    _partitions: Int32Array,
    from: number,
    to: number,
    settle: (settled: Settled) => void
  ): number {
    const taken = Math.min(to, from + this.capacity)
    this.capacity -= taken - from
    const starts = Array.from({ length: taken - from }, (_, i) => (from + i === 0 ? 0 : (ends[from + i - 1] as number)))
    this.produced.push(starts.map(start => slab[start] as number))
    this.#tickets.push({ count: taken - from, settle })
    return taken
  }
  settleOldest(part: Partial<Settled> = {}): void {
    const { count, settle } = this.#tickets.shift() as { count: number; settle: (settled: Settled) => void }
    const { failed = 0, unknown = 0, code = 0 } = part
    settle({ acknowledged: count - failed - unknown, failed, unknown, code })
  }
  makeRoom(records: number): void {
    this.capacity = records
    this.#room?.()
  }
}

const RECORD = 1000

/** Records of 1,000 bytes, each beginning with its number. */
function batch(first: number, count: number): OutgoingBatch {
  const slab = Buffer.alloc(RECORD * count)
  for (let i = 0; i < count; i++) slab[i * RECORD] = first + i
  return {
    slab,
    ends: Uint32Array.from({ length: count }, (_, i) => RECORD * (i + 1)),
    partitions: new Int32Array(count)
  }
}

describe('TopicProducer', () => {
  let client: FakeClient
  let failures: number
  let givenBack: number
  beforeEach(() => {
    client = new FakeClient()
    failures = givenBack = 0
  })

  function producer(bufferRecords: number): TopicProducer {
    return new TopicProducer(client as unknown as ProducerClient, {
      topic: 't',
      // Each record weighs a little more than its bytes.
      bufferBytes: bufferRecords * (RECORD + 100),
      giveBack: () => givenBack++,
      onFailed: () => failures++
    })
  }

  it('gives librdkafka no more than the buffer at a time, and the rest as records are settled, in order', async () => {
    const topic = producer(4)
    const sent = topic.send(batch(0, 10))
    expect(client.produced.flat()).to.deep.equal([0, 1, 2, 3])
    client.settleOldest()
    client.settleOldest()
    client.settleOldest()
    await sent
    expect(client.produced.flat()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(givenBack).to.equal(1)
  })

  it('keeps the order of the calls, and resolves each when all of it is taken', async () => {
    const topic = producer(3)
    const order: string[] = []
    const calls = [
      topic.send(batch(0, 2)).then(() => order.push('first')),
      topic.send(batch(2, 2)).then(() => order.push('second')),
      topic.send(batch(4, 1)).then(() => order.push('third'))
    ]
    client.settleOldest()
    client.settleOldest()
    await Promise.all(calls)
    expect(order).to.deep.equal(['first', 'second', 'third'])
    expect(client.produced.flat()).to.deep.equal([0, 1, 2, 3, 4])
  })

  it('lets a record that is larger than the buffer go alone', async () => {
    const topic = producer(0.5)
    const sent = topic.send(batch(0, 2))
    expect(client.produced).to.deep.equal([[0]])
    client.settleOldest()
    await sent
    expect(client.produced).to.deep.equal([[0], [1]])
  })

  it('goes on behind what a full queue of librdkafka has taken, when there is room again', async () => {
    client.capacity = 3
    const topic = producer(100)
    const sent = topic.send(batch(0, 8))
    client.makeRoom(2)
    client.makeRoom(100)
    await sent
    expect(client.produced.flat()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7])
    expect(topic.openRecords).to.equal(8)
  })

  it('is settled for what was accepted before, though later records are open', async () => {
    const topic = producer(100)
    await topic.send(batch(0, 2))
    let isSettled = false
    const settled = topic.whenSettled().then(() => (isSettled = true))
    await topic.send(batch(2, 2))
    expect(isSettled).to.equal(false)
    client.settleOldest()
    await settled
    expect(topic.openRecords).to.equal(2)
  })

  it('tells of the first failure once, sends nothing after it, and counts what is given up as failed', async () => {
    const topic = producer(2)
    const sent = rejection(topic.send(batch(0, 5)))
    client.settleOldest({ failed: 1, code: 10 })
    expect([failures, topic.firstCode]).to.deep.equal([1, 10])
    expect(client.produced.flat()).to.deep.equal([0, 1])
    topic.abandon(new Error('given up'))
    expect((await sent).message).to.equal('given up')
    expect(topic.counts).to.deep.equal({ acknowledged: 1, failed: 4, unknown: 0 })
    await topic.whenSettled()
  })

  it('counts what is open when it closes as unknown, and puts that right when it becomes known', async () => {
    const topic = producer(100)
    await topic.send(batch(0, 5))
    topic.close()
    topic.close()
    expect(topic.counts).to.deep.equal({ acknowledged: 0, failed: 0, unknown: 5 })
    client.settleOldest({ failed: 1, unknown: 1, code: 1 })
    expect(topic.counts).to.deep.equal({ acknowledged: 3, failed: 1, unknown: 1 })
  })
})
