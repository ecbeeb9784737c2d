import { expect } from 'chai'
import { Deadline, type Clock } from '../../lib/deadline.js'
import type { CommitQueue, CommitTarget } from '../../lib/kafka/index.js'
import { CommitPoint } from '../../lib/kafka-channel/commit-point.js'
import {
  FIRST_RENEW_MS,
  OffsetRenewal,
  RENEW_AGAIN_MS,
  RENEW_MS,
  type Renewable
} from '../../lib/kafka-channel/offset-renewal.js'
import { VirtualTime } from '../simulation/virtual-time.js'

const DAY_MS = 24 * 3_600_000

describe('OffsetRenewal', () => {
  let time: VirtualTime
  let clock: Clock
  let renewal: OffsetRenewal
  let sent: { readonly at: number; readonly partition: number; readonly offset: number }[]
  /** What the broker answers. */
  let answer: () => Promise<void>
  beforeEach(() => {
    time = new VirtualTime()
    clock = { now: () => time.now, after: (ms, act) => time.after(ms, act) }
    renewal = new OffsetRenewal(clock, () => 0)
    sent = []
    answer = () => Promise.resolve()
  })

  const commits = {
    commit: ({ partition, offset }: CommitTarget) => {
      sent.push({ at: time.now, partition, offset })
      return answer()
    }
  } as unknown as CommitQueue
  const soon = new Deadline({}, Infinity)

  function pointOf(partition: number, committed: number): CommitPoint {
    const endOffset = (): Promise<number> => Promise.resolve(0)
    return new CommitPoint({ commits, topic: 'topic', partition, committed, topicId: 'id', endOffset })
  }

  const renewable = (point: CommitPoint, isCurrent = true): Renewable => ({
    isCurrent: () => Promise.resolve(isCurrent),
    renew: isWanted => point.renew(isWanted)
  })

  const pass = (ms: number): Promise<void> => {
    // What is due at that very moment included.
    const until = time.now + ms + 1
    time.after(ms + 1, () => undefined)
    return time.run(() => time.now >= until, Infinity)
  }

  /** What Node would warn of. */
  async function warnings(during: () => Promise<void>): Promise<string[]> {
    const codes: string[] = []
    const emitWarning = process.emitWarning.bind(process)
    process.emitWarning = ((_: string, { code }: { code: string }) => void codes.push(code)) as never
    try {
      await during()
    } finally {
      process.emitWarning = emitWarning
    }
    return codes
  }

  it('commits soon after the opening what was committed long before, and at least daily from then on', async () => {
    renewal.add(renewable(pointOf(3, 70)))
    await pass(FIRST_RENEW_MS)
    expect(sent).to.deep.equal([{ at: FIRST_RENEW_MS, partition: 3, offset: 70 }])
    await pass(10 * DAY_MS)
    const gaps = sent.slice(1).map(({ at }, i) => at - (sent[i] as { at: number }).at)
    expect(new Set(gaps)).to.deep.equal(new Set([RENEW_MS]))
    expect(RENEW_MS).to.be.at.most(DAY_MS)
    expect(gaps).to.have.length(20)
  })

  it('commits nothing where nothing is committed, and what has been committed meanwhile, never less', async () => {
    const point = pointOf(0, -1)
    renewal.add(renewable(point))
    await pass(DAY_MS)
    expect(sent).to.deep.equal([])
    await point.commit(10, 4, soon)
    await point.commit(20, 4, soon)
    await pass(DAY_MS)
    expect(sent.map(({ offset }) => offset)).to.deep.equal([10, 20, 20, 20])
  })

  it('sends nothing while a higher commit is on its way', async () => {
    const point = pointOf(0, 10)
    renewal.add(renewable(point))
    let resolve = (): void => undefined
    answer = () => new Promise<void>(done => (resolve = done))
    const committing = point.commit(20, 4, soon)
    await pass(FIRST_RENEW_MS)
    expect(sent.map(({ offset }) => offset)).to.deep.equal([20])
    resolve()
    await committing
    answer = () => Promise.resolve()
    await pass(DAY_MS)
    expect(sent.map(({ offset }) => offset)).to.deep.equal([20, 20, 20])
  })

  it('goes on as long as one of the readers of a client is open, for those that are', async () => {
    const ends = [1, 2].map(partition => renewal.add(renewable(pointOf(partition, 5))))
    await pass(FIRST_RENEW_MS)
    ends[0]?.()
    await pass(RENEW_MS)
    ends[1]?.()
    await pass(10 * DAY_MS)
    expect(sent.map(({ partition }) => partition)).to.deep.equal([1, 2, 2])
  })

  it('commits all of a client at the same time, for one request', async () => {
    for (let partition = 0; partition < 1000; partition++) renewal.add(renewable(pointOf(partition, 5)))
    await pass(FIRST_RENEW_MS)
    expect(sent).to.have.length(1000)
    expect(new Set(sent.map(({ at }) => at))).to.have.property('size', 1)
  })

  it('looks soon after a reader that opens later, too', async () => {
    renewal.add(renewable(pointOf(0, 5)))
    await pass(2 * FIRST_RENEW_MS)
    renewal.add(renewable(pointOf(1, 5)))
    await pass(FIRST_RENEW_MS)
    expect(sent.map(({ partition }) => partition)).to.deep.equal([0, 0, 1])
  })

  it('commits nothing for a reader that no longer speaks for its partitions', async () => {
    renewal.add(renewable(pointOf(0, 5), false))
    await pass(DAY_MS)
    expect(sent).to.deep.equal([])
  })

  it('commits nothing for a reader that is closed while it is looked at', async () => {
    let end = (): void => undefined
    const closing: Renewable = {
      isCurrent: () => {
        end()
        return Promise.resolve(true)
      },
      renew: isWanted => pointOf(0, 5).renew(isWanted)
    }
    end = renewal.add(closing)
    await pass(DAY_MS)
    expect(sent).to.deep.equal([])
  })

  it('tries again sooner after an error, and warns of it once', async () => {
    renewal.add(renewable(pointOf(0, 5)))
    answer = () => Promise.reject(new Error('no'))
    const codes = await warnings(() => pass(FIRST_RENEW_MS + 3 * RENEW_AGAIN_MS))
    expect(codes).to.deep.equal(['MILLRACE_OFFSETS_NOT_RENEWED'])
    expect(sent).to.have.length(4)
    answer = () => Promise.resolve()
    await pass(RENEW_AGAIN_MS + RENEW_MS)
    expect(sent).to.have.length(6)
  })

  it('leaves commit() as it was: the same once more is no request, and what failed is no commit', async () => {
    const point = pointOf(0, 5)
    renewal.add(renewable(point))
    answer = () => Promise.reject(new Error('no'))
    await warnings(() => pass(FIRST_RENEW_MS))
    answer = () => Promise.resolve()
    await point.commit(5, 4, soon)
    expect(sent).to.have.length(1)
    expect([point.covers(5), point.covers(6)]).to.deep.equal([true, false])
    await point.commit(6, 4, soon)
    expect(sent.map(({ offset }) => offset)).to.deep.equal([5, 6])
  })

  it('is waited for like a commit before a reader closes', async () => {
    const point = pointOf(0, 5)
    renewal.add(renewable(point))
    let resolve = (): void => undefined
    answer = () => new Promise<void>(done => (resolve = done))
    await pass(FIRST_RENEW_MS)
    let isSettled = false
    const settled = point.settled().then(() => (isSettled = true))
    await pass(1)
    expect(isSettled).to.equal(false)
    resolve()
    await settled
  })
})
