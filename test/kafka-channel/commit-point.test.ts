import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { TimeoutError } from 'millrace'
import { Deadline } from '../../lib/deadline.js'
import type { CommitQueue } from '../../lib/kafka/index.js'
import { CommitPoint } from '../../lib/kafka-channel/commit-point.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'

interface Commit {
  readonly target: { topic: string; partition: number; offset: number; leaderEpoch: number }
  readonly isWanted: () => boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

describe('CommitPoint', () => {
  let commits: Commit[]
  const queue = {
    commit: (target: Commit['target'], isWanted: () => boolean) =>
      new Promise<void>((resolve, reject) => commits.push({ target, isWanted, resolve, reject }))
  } as unknown as CommitQueue
  const point = (committed = -1, end = 0): CommitPoint =>
    new CommitPoint({
      commits: queue,
      topic: 'topic',
      partition: 3,
      committed,
      topicId: 'id',
      endOffset: () => Promise.resolve(end)
    })
  const soon = new Deadline({}, Infinity)
  beforeEach(() => {
    commits = []
  })
  // Whoever is not answered waits for a minute, and so would the whole run.
  afterEach(() => {
    for (const { resolve } of commits) resolve()
  })

  it('does not go down after a commit that was refused', async () => {
    const commitPoint = point()
    const first = commitPoint.commit(20, -1, soon)
    commits[0]?.resolve()
    await first
    const refused = rejection(commitPoint.commit(30, -1, soon))
    commits[1]?.reject(new Error('refused'))
    await refused
    await commitPoint.commit(10, -1, soon)
    expect(commits).to.have.length(2)
  })

  it('is wanted as long as the most patient of those who wait for it', async () => {
    const commitPoint = point()
    const short = rejection(commitPoint.commit(10, -1, new Deadline({ timeoutMs: 10 }, 10)))
    const long = commitPoint.commit(10, -1, soon)
    await short
    expect(commits).to.have.length(1)
    expect(commits[0]?.isWanted()).to.equal(true)
    commits[0]?.resolve()
    await long
  })

  it('is wanted as long as anybody has time left who waits for it, though the most patient one aborts', async () => {
    const commitPoint = point()
    const most = new AbortController()
    const aborted = rejection(commitPoint.commit(10, -1, new Deadline({ signal: most.signal }, Infinity)))
    const long = commitPoint.commit(10, -1, new Deadline({}, 60_000))
    most.abort(new Error('enough'))
    await aborted
    expect(commits).to.have.length(1)
    expect(commits[0]?.isWanted()).to.equal(true)
    commits[0]?.resolve()
    await long
  })

  it('is wanted again when somebody joins after the only one who waited has aborted', async () => {
    const commitPoint = point()
    const controller = new AbortController()
    const aborted = rejection(commitPoint.commit(10, -1, new Deadline({ signal: controller.signal }, Infinity)))
    controller.abort(new Error('enough'))
    await aborted
    expect(commits[0]?.isWanted()).to.equal(false)
    const joined = commitPoint.commit(10, -1, new Deadline({}, 60_000))
    expect(commits).to.have.length(1)
    expect(commits[0]?.isWanted()).to.equal(true)
    commits[0]?.resolve()
    await joined
  })

  it('goes down once what is committed lies beyond the end of the log and the user has sought away', async () => {
    const one = point(100, 5)
    one.outOfRange(100)
    await one.commit(5, -1, soon)
    expect(commits, 'before the seek').to.have.length(0)
    one.seek(0)
    expect([one.covers(5), one.covers(100)]).to.deep.equal([false, true])
    // Both ask for the end together, and neither takes the other's for one that is gone.
    const low = [one.commit(3, -1, soon), one.commit(5, -1, soon)]
    await eventually(() => commits.length === 2, { timeoutMs: 5000, waitedFor: 'the commits' })
    for (const { resolve } of commits) resolve()
    await Promise.all(low)
    expect(commits.map(({ target }) => target.offset)).to.deep.equal([3, 5])
    expect([one.covers(5), one.covers(6)]).to.deep.equal([true, false])
    await one.commit(4, -1, soon)
    expect(commits, 'and not below that').to.have.length(2)
  })

  it('does not go down where the log has what is committed, whatever was out of its range', async () => {
    const one = point(100, 100)
    one.outOfRange(1000)
    one.seek(0)
    await one.commit(5, -1, soon)
    expect(commits).to.have.length(0)
    // Nor where nothing was.
    const other = point(100, 5)
    other.seek(0)
    await other.commit(5, -1, soon)
    expect(commits).to.have.length(0)
  })

  it('counts no commit of before it went down', async () => {
    const one = point(100, 5)
    const high = one.commit(120, -1, soon)
    one.outOfRange(120)
    one.seek(0)
    const low = one.commit(5, -1, soon)
    await eventually(() => commits.length === 2, { timeoutMs: 5000, waitedFor: 'the second commit' })
    for (const { resolve } of commits) resolve()
    await Promise.all([high, low])
    expect([one.covers(5), one.covers(6)]).to.deep.equal([true, false])
  })

  it('does not commit an offset that was sought to and that the log does not have', async () => {
    const one = point(3, 5)
    one.seek(1000)
    one.outOfRange(1000)
    await one.commit(1000, -1, soon)
    expect(commits).to.have.length(0)
    // But one that was read up to before the log lost it.
    one.seek(4)
    one.outOfRange(7)
    void one.commit(7, -1, soon)
    expect(commits.map(({ target }) => target.offset)).to.deep.equal([7])
  })

  it('commits an offset, and resolves when it is committed', async () => {
    let isDone = false
    const done = point()
      .commit(10, 7, soon)
      .then(() => (isDone = true))
    expect(commits.map(({ target }) => target)).to.deep.equal([
      { topic: 'topic', partition: 3, offset: 10, leaderEpoch: 7, metadata: 'id' }
    ])
    await turn()
    expect(isDone).to.equal(false)
    commits[0]?.resolve()
    await done
  })

  it('C11: commits nothing where as much was committed before, and nothing below 0', async () => {
    await point(10).commit(10, 7, soon)
    await point(10).commit(5, 7, soon)
    await point(-1001).commit(-1, -1, soon)
    expect(commits).to.have.length(0)
  })

  it('commits offset 0 where nothing was committed before', () => {
    void point(-1001).commit(0, -1, soon)
    expect(commits[0]?.target.offset).to.equal(0)
  })

  it('commits the same or less not once more, and waits for what is under way', async () => {
    const one = point()
    const waits = [one.commit(10, 7, soon), one.commit(10, 7, soon), one.commit(5, 7, soon)]
    expect(commits).to.have.length(1)
    commits[0]?.resolve()
    await Promise.all(waits)
    await one.commit(10, 7, soon)
    expect(commits).to.have.length(1)
  })

  it('commits more while less is under way', () => {
    const one = point()
    void one.commit(10, 7, soon)
    void one.commit(11, 7, soon)
    expect(commits.map(({ target }) => target.offset)).to.deep.equal([10, 11])
  })

  it('commits the same again after it has failed', async () => {
    const one = point()
    const failed = rejection(one.commit(10, 7, soon))
    const cause = new Error('no')
    commits[0]?.reject(cause)
    expect(await failed).to.equal(cause)
    const done = one.commit(10, 7, soon)
    expect(commits).to.have.length(2)
    commits[1]?.resolve()
    await done
  })

  it('does not forget the higher commit when a lower one fails late', async () => {
    const one = point()
    const low = rejection(one.commit(10, 7, soon))
    const high = one.commit(11, 7, soon)
    commits[0]?.reject(new Error('no'))
    await low
    const again = one.commit(11, 7, soon)
    expect(commits).to.have.length(2)
    commits[1]?.resolve()
    await Promise.all([high, again])
  })

  it('says at the deadline which commit it waited for, and that nobody wants it any more', async () => {
    const deadline = new Deadline({ timeoutMs: 1 }, 1)
    const error = await rejection(point().commit(10, 7, deadline))
    // A timer may fire a fraction of a millisecond early.
    await eventually(() => deadline.remainingMs === 0, { timeoutMs: 10_000, waitedFor: 'the deadline' })
    expect(commits[0]?.isWanted()).to.equal(false)
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain('the commit of offset 10 of topic [3]')
  })

  it('wants its commit while its deadline is not over', () => {
    void point().commit(10, 7, soon)
    expect(commits[0]?.isWanted()).to.equal(true)
  })

  it('settles when no commit is under way, however that ended', async () => {
    const one = point()
    await one.settled()
    const failed = rejection(one.commit(10, 7, soon))
    let isSettled = false
    const settled = one.settled().then(() => (isSettled = true))
    await turn()
    expect(isSettled).to.equal(false)
    commits[0]?.reject(new Error('no'))
    await Promise.all([settled, failed])
  })
})
