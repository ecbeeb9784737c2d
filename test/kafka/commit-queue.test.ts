import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { BrokerError } from 'millrace'
import { code } from '../../lib/kafka/broker-error.js'
import { CommitQueue, type CommitTarget } from '../../lib/kafka/commit-queue.js'
import type { Requests } from '../../lib/kafka/requests.js'
import type { RequestAnswer } from '../../lib/native/index.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'

interface Request {
  readonly topic: string
  /** By partition. */
  readonly offsets: Record<number, number>
  readonly leaderEpochs: readonly number[]
  readonly metadata: string
  answer(answer?: Partial<RequestAnswer>): void
  fail(error: Error): void
}

/** Keeps each request until the test answers it. */
class FakeRequests {
  readonly open: Request[] = []
  count = 0

  commit(
    topic: string,
    partitions: Int32Array,
    offsets: Float64Array,
    leaderEpochs: Int32Array,
    metadata: string
  ): Promise<RequestAnswer> {
    this.count++
    return new Promise((resolve, reject) => {
      this.open.push({
        topic,
        offsets: Object.fromEntries(Array.from(partitions, (partition, i) => [partition, offsets[i] as number])),
        leaderEpochs: [...leaderEpochs],
        metadata,
        answer: answer => resolve({ id: 1, code: 0, message: '', partitions, ...answer }),
        fail: reject
      })
    })
  }

  async next(): Promise<Request> {
    await eventually(() => this.open.length > 0, { timeoutMs: 10_000, waitedFor: 'a commit request' })
    return this.open.shift() as Request
  }
}

const wanted = (): boolean => true

describe('CommitQueue', () => {
  let requests: FakeRequests
  let queue: CommitQueue
  beforeEach(() => {
    requests = new FakeRequests()
    queue = new CommitQueue(requests as unknown as Requests, 'group')
  })

  const commit = (partition: number, offset: number, topic = 'topic', isWanted = wanted): Promise<void> => {
    const target: CommitTarget = { topic, partition, offset, leaderEpoch: 7 }
    return queue.commit(target, isWanted)
  }

  it('commits offset and leader epoch, and resolves when the broker has them', async () => {
    const done = commit(3, 42)
    const request = await requests.next()
    expect(request).to.deep.include({ topic: 'topic', offsets: { 3: 42 }, leaderEpochs: [7] })
    request.answer()
    await done
  })

  it('sends what is asked for in one turn of the event loop together', async () => {
    const done = Promise.all([commit(0, 10), commit(1, 20), Promise.resolve().then(() => commit(2, 30))])
    const request = await requests.next()
    expect(request.offsets).to.deep.equal({ 0: 10, 1: 20, 2: 30 })
    request.answer()
    await done
    expect(requests.count).to.equal(1)
  })

  it('sends the last of several offsets of one partition, which stands for all of them', async () => {
    const done = Promise.all([commit(0, 10), commit(0, 11), commit(0, 12)])
    const request = await requests.next()
    expect(request.offsets).to.deep.equal({ 0: 12 })
    request.answer()
    await done
  })

  it('sends a request for each topic', async () => {
    const done = Promise.all([commit(0, 10, 'one'), commit(0, 20, 'two')])
    const [one, two] = [await requests.next(), await requests.next()]
    expect([one.topic, two.topic]).to.deep.equal(['one', 'two'])
    one.answer()
    two.answer()
    await done
  })

  it('sends what stands beside the offsets of a topic, for each topic its own; nothing by default', async () => {
    const beside = (topic: string, partition: number, metadata?: string): Promise<void> =>
      queue.commit({ topic, partition, offset: 10, leaderEpoch: -1, metadata }, wanted)
    const done = Promise.all([
      beside('one', 0, 'id1'),
      beside('two', 0, 'id2'),
      beside('one', 1, 'id1'),
      beside('3', 0)
    ])
    const sent = [await requests.next(), await requests.next(), await requests.next()]
    expect(sent.map(({ topic, metadata, offsets }) => [topic, metadata, offsets])).to.deep.equal([
      ['one', 'id1', { 0: 10, 1: 10 }],
      ['two', 'id2', { 0: 10 }],
      ['3', '', { 0: 10 }]
    ])
    for (const request of sent) request.answer()
    await done
    expect(requests.count).to.equal(3)
  })

  it('sends the last of several offsets of a partition, though they have other ids beside them', async () => {
    const beside = (partition: number, offset: number, metadata: string): Promise<void> =>
      queue.commit({ topic: 'topic', partition, offset, leaderEpoch: -1, metadata }, wanted)
    const done = Promise.all([beside(0, 10, 'old'), beside(1, 10, 'old'), beside(0, 3, 'new')])
    const sent = [await requests.next(), await requests.next()]
    expect(sent.map(({ metadata, offsets }) => [metadata, offsets])).to.deep.equal([
      ['new', { 0: 3 }],
      ['old', { 1: 10 }]
    ])
    for (const request of sent) request.answer()
    await done
  })

  it('has one request in flight: what comes meanwhile goes with the next', async () => {
    const first = commit(0, 10)
    const request = await requests.next()
    const others = Promise.all([commit(0, 11), commit(1, 5)])
    await turn()
    await turn()
    expect(requests.count).to.equal(1)
    request.answer()
    await first
    const next = await requests.next()
    expect(next.offsets).to.deep.equal({ 0: 11, 1: 5 })
    next.answer()
    await others
  })

  it('sends again after it was idle', async () => {
    for (const offset of [1, 2, 3]) {
      const done = commit(0, offset)
      ;(await requests.next()).answer()
      await done
      await turn()
    }
    expect(requests.count).to.equal(3)
  })

  it('rejects with what the broker answered for a partition, and resolves for the others', async () => {
    const [bad, good] = [rejection(commit(0, 10)), commit(1, 20)]
    ;(await requests.next()).answer({ codes: Int32Array.of(code.topicAuthorizationFailed, 0) })
    await good
    const error = await bad
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', code.topicAuthorizationFailed)
    expect(error.message).to.contain('offset 10 of topic [0]')
    expect(requests.count).to.equal(1)
  })

  it('rejects for all partitions with the code of the whole answer', async () => {
    const errors = [rejection(commit(0, 10)), rejection(commit(1, 20))]
    ;(await requests.next()).answer({ code: code.topicAuthorizationFailed, codes: Int32Array.of(0, 0) })
    for (const error of await Promise.all(errors)) expect(error).to.be.instanceOf(BrokerError)
  })

  it('rejects with the code of an answer that names no partition', async () => {
    const error = rejection(commit(0, 10))
    ;(await requests.next()).answer({ code: code.topicAuthorizationFailed, partitions: undefined as never })
    expect(await error)
      .to.be.instanceOf(BrokerError)
      .with.property('kafkaCode', code.topicAuthorizationFailed)
  })

  it('C07: tries again after an answer that says "not now", alone for the partitions that it was for', async () => {
    const [moved, good] = [commit(0, 10), commit(1, 20)]
    ;(await requests.next()).answer({ codes: Int32Array.of(code.notCoordinator, 0) })
    await good
    const again = await requests.next()
    expect(again.offsets).to.deep.equal({ 0: 10 })
    again.answer({ code: code.coordinatorLoading })
    ;(await requests.next()).answer()
    await moved
    expect(requests.count).to.equal(3)
  })

  it('sends the newer offset of a partition that came while the older one is tried again', async () => {
    const older = commit(0, 10)
    ;(await requests.next()).answer({ code: code.notCoordinator })
    const newer = commit(0, 11)
    const again = await requests.next()
    expect(again.offsets).to.deep.equal({ 0: 11 })
    again.answer()
    await Promise.all([older, newer])
  })

  it('tries nothing again that nobody wants any more, and rejects it as retriable', async () => {
    const unwanted = rejection(commit(0, 10, 'topic', () => false))
    ;(await requests.next()).answer({ code: code.notCoordinator })
    expect(await unwanted)
      .to.be.instanceOf(BrokerError)
      .with.property('isRetriable', true)
    const done = commit(1, 20)
    const next = await requests.next()
    expect(next.offsets).to.deep.equal({ 1: 20 })
    next.answer()
    await done
    expect(requests.count).to.equal(2)
  })

  it('rejects with the reason when the request cannot be made, and the next one goes through', async () => {
    const cause = new Error('closed')
    const failed = rejection(commit(0, 10))
    ;(await requests.next()).fail(cause)
    expect(await failed).to.equal(cause)
    const done = commit(0, 11)
    ;(await requests.next()).answer()
    await done
  })
})
