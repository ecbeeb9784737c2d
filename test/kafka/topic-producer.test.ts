import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { ProducerClient, Settled } from '../../lib/kafka/producer-client.js'
import { TopicProducer } from '../../lib/kafka/topic-producer.js'
import { rejection } from '../support/rejection.js'

/** What a producer is to count for each record beside its bytes. */
const OVERHEAD = 64

interface Ticket {
  readonly from: number
  readonly to: number
  readonly slab: Buffer
  readonly settle: (settled: Partial<Settled>) => void
}

/** Stands in for librdkafka: takes what it has room for, and settles when it is told to. */
class FakeClient {
  readonly tickets: Ticket[] = []
  readonly taken: number[] = []
  readonly topics: string[] = []
  readonly closed: number[] = []
  /** Records that it still takes. */
  room = Infinity
  #starved = new Set<() => void>()

  openTopic(name: string): number {
    return this.topics.push(name) - 1
  }

  closeTopic(topic: number): void {
    this.closed.push(topic)
  }

  produce(
    _topic: number,
    slab: Buffer,
    ends: Uint32Array,
    partitions: Int32Array,
    from: number,
    to: number,
    onSettled: (settled: Settled) => void
  ): number {
    expect(partitions).to.have.length(ends.length)
    const taken = Math.min(to, from + this.room)
    this.room -= taken - from
    for (let i = from; i < taken; i++) this.taken.push(slab[i === 0 ? 0 : (ends[i - 1] as number)] as number)
    const settle = (settled: Partial<Settled>): void =>
      onSettled({ acknowledged: 0, failed: 0, unknown: 0, code: 0, ...settled })
    if (taken > from) this.tickets.push({ from, to: taken, slab, settle })
    return taken
  }

  onceRoom(callback: () => void): void {
    this.#starved.add(callback)
  }

  /** How many functions wait for room. */
  get starved(): number {
    return this.#starved.size
  }

  /** Whether anybody waits for room. */
  get isWaitedFor(): boolean {
    return this.#starved.size > 0
  }

  makeRoom(records: number): void {
    this.room += records
    const starved = [...this.#starved]
    this.#starved.clear()
    for (const callback of starved) callback()
  }

  /** Acknowledges all records of the oldest ticket. */
  acknowledge(): void {
    const ticket = this.tickets.shift() as Ticket
    ticket.settle({ acknowledged: ticket.to - ticket.from })
  }

  acknowledgeAll(): void {
    while (this.tickets.length > 0) this.acknowledge()
  }
}

/** Records of so many bytes each, whose first byte is their number. */
function batch(
  numbers: readonly number[],
  recordBytes = 10
): { slab: Buffer; ends: Uint32Array; partitions: Int32Array } {
  const slab = Buffer.alloc(numbers.length * recordBytes)
  numbers.forEach((number, i) => (slab[i * recordBytes] = number))
  const ends = Uint32Array.from(numbers, (_, i) => (i + 1) * recordBytes)
  return { slab, ends, partitions: new Int32Array(numbers.length) }
}

describe('TopicProducer', () => {
  let client: FakeClient
  let givenBack: Buffer[]
  let failures: number
  beforeEach(() => {
    client = new FakeClient()
    givenBack = []
    failures = 0
  })

  const producer = (bufferBytes = 1_000_000): TopicProducer =>
    new TopicProducer(client as unknown as ProducerClient, {
      topic: 'topic',
      bufferBytes,
      giveBack: slab => givenBack.push(slab),
      onFailed: () => failures++
    })

  /** Whether a promise is resolved once the event loop has turned. */
  const isDone = async (promise: Promise<void>): Promise<boolean> => {
    let isResolved = false
    promise.then(
      () => (isResolved = true),
      () => undefined
    )
    await turn()
    return isResolved
  }

  it('hands a batch over at once, gives its slab back, and resolves before it is acknowledged', async () => {
    const one = batch([1, 2, 3])
    const topic = producer()
    await topic.send(one)
    expect(client.taken).to.deep.equal([1, 2, 3])
    expect(givenBack).to.deep.equal([one.slab])
    expect(topic.counts).to.deep.equal({ acknowledged: 0, failed: 0, unknown: 0 })
    expect(topic.openRecords).to.equal(3)
  })

  it('resolves whenSettled with the last acknowledgement', async () => {
    const topic = producer()
    await Promise.all([topic.send(batch([1, 2])), topic.send(batch([3]))])
    const settled = topic.whenSettled()
    client.acknowledge()
    expect(await isDone(settled)).to.equal(false)
    client.acknowledge()
    await settled
    expect(topic.counts).to.deep.equal({ acknowledged: 3, failed: 0, unknown: 0 })
    expect(topic.openRecords).to.equal(0)
    await topic.whenSettled()
  })

  it('waits in whenSettled for what was accepted before it only', async () => {
    const topic = producer()
    void topic.send(batch([1]))
    const settled = topic.whenSettled()
    void topic.send(batch([2]))
    client.acknowledge()
    await settled
    expect(topic.openRecords).to.equal(1)
  })

  it('C28: gives librdkafka no more than the buffer, the overhead of records counted, and the rest as room comes', async () => {
    const topic = producer(4 * (10 + OVERHEAD))
    const sent = topic.send(batch([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    expect(client.taken).to.deep.equal([1, 2, 3, 4])
    expect(topic.waitingBytes).to.equal(50)
    expect(await isDone(sent)).to.equal(false)
    expect(givenBack).to.deep.equal([])
    client.acknowledge()
    expect(client.taken).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8])
    client.acknowledge()
    await sent
    expect(client.taken).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(topic.waitingBytes).to.equal(0)
    expect(givenBack).to.have.length(1)
  })

  it('C28: gives a record that is larger than the buffer alone', async () => {
    const topic = producer(100)
    const sent = topic.send(batch([1, 2], 1000))
    expect(client.taken).to.deep.equal([1])
    client.acknowledge()
    await sent
    expect(client.taken).to.deep.equal([1, 2])
  })

  it('frees room bit by bit: a batch goes in several parts', async () => {
    const topic = producer(10_000_000)
    await topic.send(batch([1, 2, 3, 4], 300_000))
    expect(client.tickets.length).to.be.greaterThan(1)
    expect(client.taken).to.deep.equal([1, 2, 3, 4])
  })

  it('has several large records on their way at a time when the buffer has room for them', async () => {
    const topic = producer(10_000_000)
    await topic.send(batch([1, 2, 3], 900_000))
    expect(client.taken).to.deep.equal([1, 2, 3])
  })

  it('C31: a call that waits lets go of a slab that is mostly empty, and counts with what it takes beside its bytes', async () => {
    const topic = producer(10 + OVERHEAD)
    await topic.send(batch([1]))
    const waiting = batch([2])
    const large = { ...waiting, slab: Buffer.concat([waiting.slab, Buffer.alloc(1000)]) }
    const sent = topic.send(large)
    expect(givenBack.at(-1)).to.equal(large.slab)
    large.slab.fill(0)
    expect([topic.waitingBytes, topic.waitingWeight]).to.deep.equal([10, 10 + OVERHEAD + 512])
    const times = givenBack.length
    client.acknowledgeAll()
    await sent
    expect(client.taken).to.deep.equal([1, 2])
    expect([topic.waitingWeight, givenBack.length]).to.deep.equal([0, times])
  })

  it('C31: keeps the order of the calls, whatever room there is', async () => {
    const topic = producer(3 * (10 + OVERHEAD))
    const sent = [topic.send(batch([1, 2])), topic.send(batch([3, 4, 5, 6])), topic.send(batch([7]))]
    client.room = 2
    while (topic.openRecords > 0) {
      if (client.tickets.length > 0) client.acknowledge()
      client.makeRoom(1)
    }
    await Promise.all(sent)
    expect(client.taken).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
    expect(topic.counts.acknowledged).to.equal(7)
  })

  it('C28: goes on behind the records that librdkafka took before its queue was full', async () => {
    client.room = 2
    const topic = producer()
    const sent = topic.send(batch([1, 2, 3, 4, 5]))
    expect(client.taken).to.deep.equal([1, 2])
    expect(client.isWaitedFor).to.equal(true)
    expect(topic.openRecords).to.equal(5)
    client.makeRoom(1)
    expect(client.taken).to.deep.equal([1, 2, 3])
    expect(await isDone(sent)).to.equal(false)
    client.makeRoom(Infinity)
    await sent
    expect(client.taken).to.deep.equal([1, 2, 3, 4, 5])
    client.acknowledgeAll()
    expect(topic.counts).to.deep.equal({ acknowledged: 5, failed: 0, unknown: 0 })
  })

  it('waits for room though librdkafka took nothing at all, because of the records of others', async () => {
    client.room = 0
    const sent = producer().send(batch([1]))
    expect(await isDone(sent)).to.equal(false)
    client.makeRoom(1)
    await sent
    expect(client.taken).to.deep.equal([1])
  })

  it('tells once that a record failed, with the code of the first', async () => {
    const topic = producer()
    await Promise.all([topic.send(batch([1, 2])), topic.send(batch([3])), topic.send(batch([4]))])
    const [one, two, three] = client.tickets as [Ticket, Ticket, Ticket]
    one.settle({ acknowledged: 1, failed: 1, code: 10 })
    two.settle({ unknown: 1, code: -192 })
    three.settle({ acknowledged: 1 })
    expect(failures).to.equal(1)
    expect(topic.firstCode).to.equal(10)
    expect(topic.counts).to.deep.equal({ acknowledged: 2, failed: 1, unknown: 1 })
    await topic.whenSettled()
  })

  it('gives librdkafka nothing more once a record failed', () => {
    const topic = producer(10 + OVERHEAD)
    void topic.send(batch([1, 2]))
    client.tickets[0]?.settle({ failed: 1, code: 10 })
    expect(client.taken).to.deep.equal([1])
  })

  it('gives up what librdkafka has not taken: it counts as failed, and its senders get the error', async () => {
    const topic = producer(2 * (10 + OVERHEAD))
    const batches = [batch([1, 2, 3]), batch([4, 5])] as const
    const errors = batches.map(one => rejection(topic.send(one)))
    const cause = new Error('given up')
    topic.abandon(cause)
    expect(await Promise.all(errors)).to.deep.equal([cause, cause])
    expect(givenBack).to.deep.equal([batches[0].slab, batches[1].slab])
    expect(topic.counts).to.deep.equal({ acknowledged: 0, failed: 3, unknown: 0 })
    expect(topic.waitingBytes).to.equal(0)
    const settled = topic.whenSettled()
    client.acknowledgeAll()
    await settled
    expect(topic.counts).to.deep.equal({ acknowledged: 2, failed: 3, unknown: 0 })
    expect(client.taken).to.deep.equal([1, 2])
  })

  it('settles those who wait when nothing but what is given up was open', async () => {
    client.room = 0
    const topic = producer()
    const sent = rejection(topic.send(batch([1])))
    const settled = topic.whenSettled()
    topic.abandon(new Error('given up'))
    await settled
    await sent
  })

  it('C25: counts what is open at closing as unknown, until it is known', async () => {
    const topic = producer()
    await topic.send(batch([1, 2, 3, 4]))
    topic.close()
    expect(topic.counts).to.deep.equal({ acknowledged: 0, failed: 0, unknown: 4 })
    expect(topic.openRecords).to.equal(0)
    client.tickets[0]?.settle({ acknowledged: 2, failed: 1, unknown: 1, code: -192 })
    expect(topic.counts).to.deep.equal({ acknowledged: 2, failed: 1, unknown: 1 })
    expect(failures).to.equal(0)
  })

  it('asks for room with one and the same function, however often the queue is full', async () => {
    client.room = 0
    const topic = producer()
    const sent = topic.send(batch([1, 2, 3]))
    for (let i = 0; i < 5; i++) client.makeRoom(0)
    expect(client.starved).to.equal(1)
    client.makeRoom(3)
    await sent
  })

  it('lets nobody wait for what it gave up knowing when it closed', async () => {
    const topic = producer()
    await topic.send(batch([1]))
    const settled = topic.whenSettled()
    topic.close()
    await settled
  })

  it('closes its topic once, and gives librdkafka nothing afterwards', () => {
    client.room = 1
    const topic = producer()
    void topic.send(batch([1, 2]))
    topic.close()
    topic.close()
    expect(client.topics).to.deep.equal(['topic'])
    expect(client.closed).to.deep.equal([0])
    client.makeRoom(10)
    expect(client.taken).to.deep.equal([1])
  })
})
