/** Buffers for slabs, reused. Bounded: few are kept, and large ones are let go. */

const SMALLEST = 64 * 1024

export class SlabPool {
  readonly #free: Buffer[] = []

  /**
   * @param maxSlabs - how many free ones are kept
   * @param maxSlabBytes - larger ones are not kept
   */
  constructor(
    readonly maxSlabs = 4,
    readonly maxSlabBytes = 4 * 1024 * 1024
  ) {}

  /** A buffer of at least `bytes` bytes with unspecified content; the caller's until it gives it back, or for ever. */
  take(bytes: number): Buffer {
    for (let i = this.#free.length - 1; i >= 0; i--) {
      if ((this.#free[i] as Buffer).length >= bytes) return this.#free.splice(i, 1)[0] as Buffer
    }
    let size = SMALLEST
    while (size < bytes) size *= 2
    return Buffer.allocUnsafeSlow(Math.min(size, 2 ** 32 - 1))
  }

  giveBack(slab: Buffer): void {
    if (slab.length <= this.maxSlabBytes && this.#free.length < this.maxSlabs) this.#free.push(slab)
  }
}
