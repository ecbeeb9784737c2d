import { expect } from 'chai'
import fc from 'fast-check'
import { RangeSet } from './range-set.js'

const numbers = (ranges: Iterable<readonly [number, number]>): number[] =>
  [...ranges].flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))

describe('a set of ranges', () => {
  it('is a set of numbers, whatever the order they come in, and tells what it has had', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(9)).map(([from, length]) => [from, from + length] as const)
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), range, (ranges, probe) => {
        const set = new RangeSet()
        const expected = new Set<number>()
        for (const [from, to] of ranges) {
          const added = numbers([[from, to]])
          expect(numbers(set.add(from, to))).to.deep.equal(added.filter(n => expected.has(n)))
          for (const n of added) expected.add(n)
        }
        const sorted = [...expected].sort((a, b) => a - b)
        expect(numbers(set)).to.deep.equal(sorted)
        expect(set.size).to.equal(sorted.length)
        expect(set.highest).to.equal(sorted.at(-1) ?? -1)
        const probed = numbers([probe])
        expect(probed.map(n => set.has(n))).to.deep.equal(probed.map(n => expected.has(n)))
        expect(numbers(set.within(...probe))).to.deep.equal(probed.filter(n => expected.has(n)))
        expect(numbers(set.missing(...probe))).to.deep.equal(probed.filter(n => !expected.has(n)))
        // As few ranges as can be.
        const starts = sorted.filter(n => !expected.has(n - 1))
        expect([...set].map(([from]) => from)).to.deep.equal(starts)
      })
    )
  })
})
