/** Numbers that follow from a seed, so that a run that failed can be had again. */
export class Random {
  #state: number

  constructor(readonly seed: number) {
    this.#state = seed >>> 0
  }

  /** For each text another, of the same seed. */
  static of(seed: number, text: string): Random {
    return new Random(Buffer.from(text).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), seed ^ 0x811c9dc5))
  }

  /** From 0 up to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }
}

/** What each script here takes: `--count N --seed S`. */
export function parameters(defaultCount: number): { count: number; random: Random } {
  const value = (name: string, fallback: number): number => {
    const at = process.argv.indexOf(name)
    return at < 0 ? fallback : Number(process.argv[at + 1])
  }
  return { count: value('--count', defaultCount), random: new Random(value('--seed', Date.now() % 2 ** 31)) }
}
