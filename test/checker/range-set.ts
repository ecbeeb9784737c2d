/** Whole numbers as ranges: what comes nearly in order, by millions, takes a few ranges only. */
export type Range = readonly [from: number, to: number]

export class RangeSet {
  /** Ascending, apart by at least one number that is not in the set. Both ends are included. */
  readonly #from: number[] = []
  readonly #to: number[] = []

  get size(): number {
    return this.#from.reduce((sum, from, i) => sum + (this.#to[i] as number) - from + 1, 0)
  }

  get highest(): number {
    return this.#to.at(-1) ?? -1
  }

  /** @returns what of it was there already */
  add(from: number, to: number): Range[] {
    if (from > this.highest + 1 || this.#from.length === 0) {
      this.#from.push(from)
      this.#to.push(to)
      return []
    }
    if (from === this.highest + 1) {
      this.#to[this.#to.length - 1] = to
      return []
    }
    const known = [...this.within(from, to)]
    // Ranges that touch it become one with it.
    const first = this.#indexOf(from - 1)
    let end = first
    while (end < this.#from.length && (this.#from[end] as number) <= to + 1) end++
    const lowest = end > first ? Math.min(from, this.#from[first] as number) : from
    const highest = end > first ? Math.max(to, this.#to[end - 1] as number) : to
    this.#from.splice(first, end - first, lowest)
    this.#to.splice(first, end - first, highest)
    return known
  }

  has(n: number): boolean {
    const i = this.#indexOf(n)
    return i < this.#from.length && (this.#from[i] as number) <= n
  }

  *[Symbol.iterator](): Generator<Range> {
    for (let i = 0; i < this.#from.length; i++) yield [this.#from[i] as number, this.#to[i] as number]
  }

  /** What of a range is in the set. */
  *within(from: number, to: number): Generator<Range> {
    for (let i = this.#indexOf(from); i < this.#from.length && (this.#from[i] as number) <= to; i++) {
      yield [Math.max(from, this.#from[i] as number), Math.min(to, this.#to[i] as number)]
    }
  }

  /** What of a range is not. */
  *missing(from: number, to: number): Generator<Range> {
    let next = from
    for (const [start, end] of this.within(from, to)) {
      if (start > next) yield [next, start - 1]
      next = end + 1
    }
    if (next <= to) yield [next, to]
  }

  *minus(other: RangeSet): Generator<Range> {
    for (const [from, to] of this) yield* other.missing(from, to)
  }

  /** The first range that ends at `n` or above. */
  #indexOf(n: number): number {
    let low = 0
    let high = this.#to.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#to[middle] as number) < n) low = middle + 1
      else high = middle
    }
    return low
  }
}
