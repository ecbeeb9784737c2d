import { expect } from 'chai'
import type { PartitionConsumer } from '../../lib/kafka/index.js'
import { checkSeekPlace, type SeekPlace } from '../../lib/kafka-channel/seek-place.js'

describe('checkSeekPlace', () => {
  const consumer = (...numbers: number[]): PartitionConsumer =>
    ({ topic: 'readings', partitions: numbers.map(number => ({ number })) }) as unknown as PartitionConsumer

  it('says what seek takes where it is given something else', () => {
    for (const place of [undefined, null, 5, 'earliest', 5n]) {
      expect(() => checkSeekPlace(place as unknown as SeekPlace, consumer(0)))
        .to.throw(TypeError)
        .with.property('message')
        .that.contains('seek takes a place, as in seek({ partition: error.partition, offset: error.offset + 1 }), not')
    }
  })

  it('refuses what is no offset, and partitions that the member does not read', () => {
    for (const offset of [-1, 0.5, NaN, 2 ** 53, '3', undefined]) {
      expect(() => checkSeekPlace({ offset } as SeekPlace, consumer(0)), String(offset)).to.throw(
        RangeError,
        'offset must be a whole number from 0'
      )
    }
    for (const partition of [1, '0', null]) {
      expect(() => checkSeekPlace({ offset: 1, partition } as unknown as SeekPlace, consumer(0, 3))).to.throw(
        RangeError,
        'this member reads the partitions 0, 3 of readings, not'
      )
    }
  })

  it('takes the only partition where none is named, and wants one named where there are several', () => {
    expect(checkSeekPlace({ offset: 7 }, consumer(4))).to.deep.equal({ partition: { number: 4 }, offset: 7 })
    expect(checkSeekPlace({ offset: 7, partition: 3 }, consumer(0, 3)).partition.number).to.equal(3)
    expect(() => checkSeekPlace({ offset: 7 }, consumer(0, 3))).to.throw(RangeError, 'seek needs a partition')
  })
})
