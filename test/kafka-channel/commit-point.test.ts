import { expect } from 'chai'
import { Deadline } from '../../lib/deadline.js'
import { CommitPoint } from '../../lib/kafka-channel/commit-point.js'
import type { CommitQueue } from '../../lib/kafka/index.js'
import { rejection } from '../support/rejection.js'

describe('CommitPoint', () => {
  const deadline = (): Deadline => new Deadline({}, 1000)
  let asked: number[]
  let outcome: Promise<void>
  const queue = {
    commit: ({ offset }: { offset: number }) => {
      asked.push(offset)
      return outcome
    }
  } as unknown as CommitQueue
  beforeEach(() => {
    asked = []
    outcome = Promise.resolve()
  })

  it('asks for rising offsets only, none twice, and none that was committed before it opened', async () => {
    const point = new CommitPoint(queue, 't', 0, 10)
    for (const offset of [-1, 10, 12, 11, 12, 15]) await point.commit(offset, -1, deadline())
    expect(asked).to.deep.equal([12, 15])
  })

  it('lets a commit that failed be made again', async () => {
    const point = new CommitPoint(queue, 't', 0, -1)
    outcome = Promise.reject(new Error('refused'))
    expect((await rejection(point.commit(5, -1, deadline()))).message).to.equal('refused')
    outcome = Promise.resolve()
    await point.commit(5, -1, deadline())
    expect(asked).to.deep.equal([5, 5])
  })

  it('says at its deadline which commit it waited for', async () => {
    const point = new CommitPoint(queue, 'topic', 3, -1)
    outcome = new Promise(() => undefined)
    const error = await rejection(point.commit(5, -1, new Deadline({ timeoutMs: 20 }, 20)))
    expect(error.message).to.contain('offset 5 of topic [3]')
  })
})
