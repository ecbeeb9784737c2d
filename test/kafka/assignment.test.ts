import { expect } from 'chai'
import { partitionsOf } from '../../lib/kafka/assignment.js'

describe('partitionsOf', () => {
  it('gives each partition to exactly one member, whatever the two counts', () => {
    for (let size = 1; size <= 12; size++) {
      for (let count = 0; count <= 30; count++) {
        const read = Array.from({ length: size }, (_, index) => partitionsOf({ index, size }, count)).flat()
        expect(
          read.sort((a, b) => a - b),
          `${count} partitions for ${size}`
        ).to.deep.equal(Array.from({ length: count }, (_, partition) => partition))
      }
    }
  })

  it('gives each member the partition of its own index', () => {
    for (let index = 0; index < 5; index++) expect(partitionsOf({ index, size: 5 }, 5)).to.deep.equal([index])
  })

  it('gives the partitions of members that left to those that stayed, ascending', () => {
    expect(partitionsOf({ index: 1, size: 2 }, 7)).to.deep.equal([1, 3, 5])
  })

  it('gives nothing while the topic lacks the partition of the member', () => {
    expect(partitionsOf({ index: 3, size: 5 }, 3)).to.deep.equal([])
  })

  it('refuses a member that the group does not have', () => {
    for (const index of [-1, 2, NaN]) {
      expect(() => partitionsOf({ index, size: 2 }, 4))
        .to.throw(RangeError, `${index}`)
        .with.property('message')
        .that.contains('2')
    }
  })
})
