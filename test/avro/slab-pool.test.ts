import { expect } from 'chai'
import { SlabPool } from '../../lib/avro/index.js'

describe('SlabPool', () => {
  it('gives a slab that is at least as large as asked for', () => {
    const pool = new SlabPool()
    for (const bytes of [0, 1, 64 * 1024, 64 * 1024 + 1, 1_000_000]) {
      expect(pool.take(bytes).length).to.be.at.least(bytes)
    }
  })

  it('gives a slab that came back again, to one at a time', () => {
    const pool = new SlabPool()
    const slab = pool.take(1000)
    pool.giveBack(slab)
    expect(pool.take(1000)).to.equal(slab)
    expect(pool.take(1000)).to.not.equal(slab)
  })

  it('gives no slab again that is too small', () => {
    const pool = new SlabPool()
    pool.giveBack(pool.take(1000))
    expect(pool.take(1_000_000).length).to.be.at.least(1_000_000)
  })

  it('keeps at most so many slabs', () => {
    const pool = new SlabPool(2)
    const slabs = new Set([1, 2, 3, 4].map(() => pool.take(1000)))
    for (const slab of slabs) pool.giveBack(slab)
    const again = [1, 2, 3, 4].map(() => pool.take(1000))
    expect(again.filter(slab => slabs.has(slab))).to.have.length(2)
  })

  it('lets a large slab go', () => {
    const pool = new SlabPool(4, 100_000)
    const slab = pool.take(100_001)
    pool.giveBack(slab)
    expect(pool.take(100_001)).to.not.equal(slab)
  })
})
