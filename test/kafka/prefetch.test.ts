import { expect } from 'chai'
import { prefetchSettings } from '../../lib/kafka/index.js'

describe('prefetchSettings', () => {
  const budget = 256 * 1024 * 1024
  const bytesOf = (partitions: number): number => {
    return partitions * 1024 * (prefetchSettings(budget, partitions)['queued.max.messages.kbytes'] as number)
  }

  it('divides one budget by the partitions that are read', () => {
    for (const partitions of [1, 13, 100, 1000, 4000]) expect(bytesOf(partitions)).to.be.within(0.9 * budget, budget)
  })

  it('never gives a partition so little that its fetches make no progress', () => {
    const settings = prefetchSettings(budget, 100_000)
    expect(settings['queued.max.messages.kbytes']).to.equal(64)
    expect(settings['fetch.message.max.bytes']).to.equal(65_536)
  })

  it('fetches of a partition at least what a writer puts into one batch for topics of many partitions', () => {
    for (const partitions of [101, 1000, 10_000]) {
      expect(prefetchSettings(budget, partitions)['fetch.message.max.bytes']).to.be.above(60_000)
    }
  })
})
