/** All streams of a run, and what became of the records of each. */
import type { Values } from './events.js'
import { RangeSet } from './range-set.js'

export class Stream {
  readonly sent = new RangeSet()
  readonly acked = new RangeSet()
  /** Reported failed, or of an aborted transaction. */
  readonly failed = new RangeSet()
  readonly unknown = new RangeSet()
  readonly inLog = new RangeSet()
  /** By anybody. */
  readonly read = new RangeSet()
  /** Writer and life. */
  readonly name: string
  /** When which records were sent, and acknowledged, in this order. */
  readonly sends: { readonly from: number; readonly to: number; readonly t: number }[] = []
  readonly acks: { readonly from: number; readonly to: number; readonly t: number }[] = []

  constructor(
    readonly index: number,
    readonly writer: string,
    life: number,
    readonly partition: number
  ) {
    this.name = `${writer}/${life}`
  }
}

export class Streams {
  readonly #all: Stream[] = []
  readonly #byName = new Map<string, Stream>()

  of({ w, life, p }: Pick<Values, 'w' | 'life' | 'p'>): Stream {
    const key = `${w}/${life} ${p}`
    const known = this.#byName.get(key)
    if (known) return known
    const stream = new Stream(this.#all.length, w, life, p)
    this.#all.push(stream)
    this.#byName.set(key, stream)
    return stream
  }

  at(index: number): Stream {
    return this.#all[index] as Stream
  }

  [Symbol.iterator](): IterableIterator<Stream> {
    return this.#all.values()
  }
}
