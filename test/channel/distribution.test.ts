import { expect } from 'chai'
import { RoundRobin, startPartition } from '../../lib/channel/index.js'

describe('RoundRobin', () => {
  it('goes one partition further with each record, over all calls', () => {
    const distribution = new RoundRobin(3, 2)
    const taken = [1, 4, 0, 2].flatMap(count => [...distribution.take(count)])
    expect(taken).to.deep.equal([2, 0, 1, 2, 0, 1, 2])
  })

  it('gives every record to the only partition there is', () => {
    expect([...new RoundRobin(1, 0).take(3)]).to.deep.equal([0, 0, 0])
  })
})

describe('startPartition', () => {
  it('follows from the name alone, and lies among the partitions', () => {
    expect(startPartition('plant.sensor', 13)).to.equal(startPartition('plant.sensor', 13))
    for (let i = 0; i < 100; i++) expect(startPartition(`writer ${i}`, 7)).to.be.within(0, 6)
  })

  it('spreads many writers over all partitions', () => {
    const starts = new Set(Array.from({ length: 200 }, (_, i) => startPartition(`writer ${i}`, 5)))
    expect(starts.size).to.equal(5)
  })
})
