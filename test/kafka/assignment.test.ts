import { expect } from 'chai'
import { partitionsOf } from '../../lib/kafka/index.js'

describe('partitionsOf', () => {
  it('gives each partition to exactly one member, whatever the two counts', () => {
    for (const [size, count] of [
      [1, 1],
      [3, 3],
      [2, 5],
      [5, 2],
      [1000, 1000]
    ] as const) {
      const read = Array.from({ length: size }, (_, index) => partitionsOf({ index, size }, count)).flat()
      expect(read.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: count }, (_, partition) => partition))
    }
  })

  it('gives a member the partition of its index first', () => {
    expect(partitionsOf({ index: 1, size: 3 }, 8)).to.deep.equal([1, 4, 7])
  })

  it('refuses a member that the group does not have', () => {
    expect(() => partitionsOf({ index: 3, size: 3 }, 3)).to.throw(RangeError, 'group of 3')
  })
})
