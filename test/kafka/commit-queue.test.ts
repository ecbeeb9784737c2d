import { expect } from 'chai'
import { CommitQueue } from '../../lib/kafka/commit-queue.js'
import type { Requests } from '../../lib/kafka/requests.js'
import type { RequestAnswer } from '../../lib/native/index.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'

const NOT_COORDINATOR = 16
const UNKNOWN_MEMBER = 25

interface Sent {
  readonly topic: string
  readonly offsets: Record<number, number>
  answer(code?: number): void
}

/** A broker that answers when it is told to. */
class FakeRequests {
  readonly sent: Sent[] = []
  commit(topic: string, partitions: Int32Array, offsets: Float64Array): Promise<RequestAnswer> {
    return new Promise(resolve => {
      this.sent.push({
        topic,
        offsets: Object.fromEntries([...partitions].map((partition, i) => [partition, offsets[i] as number])),
        answer: (code = 0) => resolve({ id: 1, code, message: '' })
      })
    })
  }
}

describe('CommitQueue', () => {
  let requests: FakeRequests
  let queue: CommitQueue
  beforeEach(() => {
    requests = new FakeRequests()
    queue = new CommitQueue(requests as unknown as Requests)
  })

  const commit = (partition: number, offset: number, isWanted = true): Promise<void> =>
    queue.commit({ topic: 't', partition, offset, leaderEpoch: -1 }, () => isWanted)
  const sent = (count: number): Promise<void> =>
    eventually(() => requests.sent.length === count, { timeoutMs: 5000, waitedFor: `${count} requests` })

  it('sends what is asked for in one turn of the event loop together, the highest offset of each partition', async () => {
    const all = Promise.all([commit(0, 5), commit(1, 7), commit(0, 9)])
    await sent(1)
    expect(requests.sent[0]?.offsets).to.deep.equal({ 0: 9, 1: 7 })
    requests.sent[0]?.answer()
    await all
  })

  it('has one request on its way; what comes meanwhile goes with the next', async () => {
    const first = commit(0, 1)
    await sent(1)
    const later = Promise.all([commit(0, 2), commit(1, 3)])
    expect(requests.sent).to.have.length(1)
    requests.sent[0]?.answer()
    await first
    await sent(2)
    expect(requests.sent[1]?.offsets).to.deep.equal({ 0: 2, 1: 3 })
    requests.sent[1]?.answer()
    await later
  })

  it('tries again while the coordinator moves and somebody waits for it', async () => {
    const committing = commit(0, 4)
    await sent(1)
    requests.sent[0]?.answer(NOT_COORDINATOR)
    await sent(2)
    expect(requests.sent[1]?.offsets).to.deep.equal({ 0: 4 })
    requests.sent[1]?.answer()
    await committing
  })

  it('rejects with any other answer, and goes on with the next commit', async () => {
    const refused = rejection(commit(0, 4))
    await sent(1)
    requests.sent[0]?.answer(UNKNOWN_MEMBER)
    expect(await refused).to.include({ code: 'ERR_MILLRACE_BROKER', kafkaCode: UNKNOWN_MEMBER })
    const next = commit(0, 5)
    await sent(2)
    requests.sent[1]?.answer()
    await next
  })

  it('does not try again what nobody waits for any more', async () => {
    const given = rejection(commit(0, 4, false))
    await sent(1)
    requests.sent[0]?.answer(NOT_COORDINATOR)
    expect(await given).to.include({ kafkaCode: NOT_COORDINATOR })
    expect(requests.sent).to.have.length(1)
  })
})
