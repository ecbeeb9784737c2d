import { expect } from 'chai'
import { RoundRobin, startPartition } from '../../lib/channel/index.js'

describe('RoundRobin', () => {
  it('goes one partition further with each record, and begins anew behind the last', () => {
    expect([...new RoundRobin(3, 0).take({ length: 7 })]).to.deep.equal([0, 1, 2, 0, 1, 2, 0])
  })

  it('goes on where the batch before ended', () => {
    const distribution = new RoundRobin(4, 1)
    expect([1, 2, 0, 3].map(count => [...distribution.take({ length: count })])).to.deep.equal([
      [1],
      [2, 3],
      [],
      [0, 1, 2]
    ])
  })

  it('keeps to the partitions there are, wherever it starts', () => {
    expect([...new RoundRobin(3, 5).take({ length: 3 })]).to.deep.equal([2, 0, 1])
    expect([...new RoundRobin(1, 0).take({ length: 3 })]).to.deep.equal([0, 0, 0])
  })

  it('gives no partition more than one record more than another', () => {
    const counts = [0, 0, 0, 0, 0]
    const distribution = new RoundRobin(5, 3)
    for (const count of [1, 2, 3, 5, 7, 11])
      for (const partition of distribution.take({ length: count })) counts[partition]!++
    expect(Math.max(...counts) - Math.min(...counts)).to.be.at.most(1)
  })
})

describe('startPartition', () => {
  const starts = Array.from({ length: 1000 }, (_, i) => startPartition(`writer ${i}`, 10))

  it('is the same for the same name', () => {
    expect(startPartition('writer 7', 10)).to.equal(starts[7])
  })

  it('is one of the partitions', () => {
    for (const start of starts) expect(start).to.be.within(0, 9)
    expect(startPartition('any', 1)).to.equal(0)
  })

  it('does not load one partition much more than another over many names', () => {
    for (let partition = 0; partition < 10; partition++) {
      expect(starts.filter(start => start === partition).length, `partition ${partition}`).to.be.within(50, 200)
    }
  })
})
