/** Runs of records as columns: what a reader got, or what a log holds, in a few bytes a run. */

/** Records of one stream one behind the other, in one partition. */
export interface Run {
  /** Number of the stream, see `streams.ts`. */
  readonly stream: number
  /** Of the first record. */
  readonly n: number
  /** Of the first record; -1 where it is not known. */
  readonly offset: number
  readonly count: number
  /** When it was read, in milliseconds. */
  readonly t: number
}

export class Runs {
  #length = 0
  #streams = new Uint32Array(16)
  #counts = new Uint32Array(16)
  #wide = new Float64Array(3 * 16)

  get length(): number {
    return this.#length
  }

  push({ stream, n, offset, count, t }: Run): void {
    if (this.#length === this.#streams.length) this.#grow()
    this.#streams[this.#length] = stream
    this.#counts[this.#length] = count
    const at = 3 * this.#length
    this.#wide[at] = n
    this.#wide[at + 1] = offset
    this.#wide[at + 2] = t
    this.#length++
  }

  at(i: number): Run {
    return {
      stream: this.#streams[i] as number,
      count: this.#counts[i] as number,
      n: this.#wide[3 * i] as number,
      offset: this.#wide[3 * i + 1] as number,
      t: this.#wide[3 * i + 2] as number
    }
  }

  *[Symbol.iterator](): Generator<Run> {
    for (let i = 0; i < this.#length; i++) yield this.at(i)
  }

  /** How many of the runs, which must rise by `value`, have it at or below `limit`. */
  countUpTo(limit: number, value: (run: Run) => number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (value(this.at(middle)) <= limit) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The same runs, rising by `value`. */
  sortedBy(value: (run: Run) => number): Runs {
    const values = Float64Array.from({ length: this.#length }, (_, i) => value(this.at(i)))
    if (values.every((one, i) => i === 0 || (values[i - 1] as number) <= one)) return this
    const sorted = new Runs()
    const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] as number) - (values[b] as number) || a - b)
    for (const i of order) sorted.push(this.at(i))
    return sorted
  }

  #grow(): void {
    const [streams, counts, wide] = [this.#streams, this.#counts, this.#wide]
    this.#streams = new Uint32Array(2 * this.#length)
    this.#streams.set(streams)
    this.#counts = new Uint32Array(2 * this.#length)
    this.#counts.set(counts)
    this.#wide = new Float64Array(6 * this.#length)
    this.#wide.set(wide)
  }
}
