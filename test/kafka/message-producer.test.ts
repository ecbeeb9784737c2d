import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { BrokerError, ChannelError, TimeoutError } from 'millrace'
import { Deadline } from '../../lib/deadline.js'
import { code } from '../../lib/kafka/broker-error.js'
import { MessageProducer } from '../../lib/kafka/message-producer.js'
import type { OutgoingMessage } from '../../lib/kafka/message.js'
import type { ProducerClient, Settled } from '../../lib/kafka/producer-client.js'
import { within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

/** Stands in for librdkafka: takes what it has room for, and settles when it is told to. */
class FakeClient {
  readonly taken: string[] = []
  readonly closed: number[] = []
  readonly #settles: ((settled: Settled) => void)[] = []
  readonly #starved = new Set<() => void>()
  fatalError: { code: number; message: string } | undefined
  room = Infinity

  openTopic(): number {
    return 5
  }

  closeTopic(topic: number): void {
    this.closed.push(topic)
  }

  produceMessage(
    topic: number,
    partition: number,
    message: OutgoingMessage,
    settle: (settled: Settled) => void
  ): boolean {
    if (this.room === 0) return false
    this.room--
    this.taken.push(`${topic} ${partition} ${message.value?.toString()}`)
    this.#settles.push(settle)
    return true
  }

  onceRoom(callback: () => void): void {
    this.#starved.add(callback)
  }

  get starved(): number {
    return this.#starved.size
  }

  makeRoom(messages: number): void {
    this.room += messages
    const starved = [...this.#starved]
    this.#starved.clear()
    for (const callback of starved) callback()
  }

  settle(settled: Partial<Settled>): void {
    this.#settles.shift()?.({ acknowledged: 0, failed: 0, unknown: 0, code: 0, ...settled })
  }
}

const message = (value: string): OutgoingMessage => ({ key: null, value: Buffer.from(value), headers: [] })

describe('MessageProducer', () => {
  let client: FakeClient
  let producer: MessageProducer
  beforeEach(() => {
    client = new FakeClient()
    producer = new MessageProducer(client as unknown as ProducerClient, 'topic')
  })
  const send = (value: string, deadline = within()): Promise<void> => producer.send(3, message(value), deadline)

  it('resolves when the message is acknowledged, and not before', async () => {
    let isDone = false
    const sent = send('a').then(() => (isDone = true))
    await turn()
    expect([client.taken, isDone]).to.deep.equal([['5 3 a'], false])
    client.settle({ acknowledged: 1 })
    await sent
  })

  it('rejects with what became of the message, and its code', async () => {
    const [failed, unknown] = [rejection(send('a')), rejection(send('b'))]
    client.settle({ failed: 1, code: code.recordTooLarge })
    client.settle({ unknown: 1, code: code.timedOut })
    expect(await failed)
      .to.be.instanceOf(BrokerError)
      .with.property('kafkaCode', code.recordTooLarge)
    expect((await failed).message).to.contain('a message to topic [3], which is surely not in the log')
    expect(await unknown)
      .to.be.instanceOf(BrokerError)
      .with.property('kafkaCode', code.timedOut)
    expect((await unknown).message).to.contain('which may be in the log')
  })

  it('tells the reason of a client that has failed for good', async () => {
    client.fatalError = { code: 47, message: 'fenced by another' }
    const failed = rejection(send('a'))
    client.settle({ failed: 1, code: code.fatal })
    expect(await failed)
      .to.be.instanceOf(BrokerError)
      .with.property('isFatal', true)
    expect((await failed).message).to.contain('fenced by another')
  })

  it('waits while the queue is full, and keeps the order of the calls', async () => {
    client.room = 1
    const sent = ['a', 'b', 'c'].map(value => send(value))
    expect(client.taken).to.deep.equal(['5 3 a'])
    client.makeRoom(0)
    expect([client.taken.length, client.starved]).to.deep.equal([1, 1])
    client.makeRoom(1)
    sent.push(send('d'))
    client.makeRoom(5)
    expect(client.taken).to.deep.equal(['5 3 a', '5 3 b', '5 3 c', '5 3 d'])
    for (let i = 0; i < 4; i++) client.settle({ acknowledged: 1 })
    await Promise.all(sent)
  })

  it('never sends a message that nobody waits for any more', async () => {
    client.room = 0
    const abort = new AbortController()
    const aborted = rejection(send('a', new Deadline({ signal: abort.signal }, 60_000)))
    const late = await rejection(send('b', within(5)))
    const sent = send('c')
    abort.abort(new Error('enough'))
    expect((await aborted).message).to.equal('enough')
    expect(late).to.be.instanceOf(TimeoutError).with.property('isRetriable', true)
    client.makeRoom(10)
    expect(client.taken).to.deep.equal(['5 3 c'])
    client.settle({ acknowledged: 1 })
    await sent
  })

  it('sends nothing for a signal that was aborted before', async () => {
    const reason = new Error('enough')
    const deadline = new Deadline({ signal: AbortSignal.abort(reason) }, 60_000)
    expect(await rejection(send('a', deadline))).to.equal(reason)
    expect(client.taken).to.deep.equal([])
  })

  it('a message whose wait ended goes on: the error says that it is not to be sent again', async () => {
    const error = await rejection(send('a', within(5)))
    expect(error).to.be.instanceOf(TimeoutError).with.property('isRetriable', false)
    expect(error.message).to.contain('goes on by itself')
    client.settle({ failed: 1, code: code.recordTooLarge })
    await turn()
  })

  it('gives up what waits for room when it is closed, and closes its topic once', async () => {
    client.room = 0
    const waiting = rejection(send('a'))
    producer.close()
    producer.close()
    expect(await waiting).to.be.instanceOf(ChannelError)
    client.makeRoom(10)
    expect([client.taken, client.closed]).to.deep.equal([[], [5]])
    expect(await rejection(send('b'))).to.be.instanceOf(ChannelError)
  })
})
