/** Time that passes only from one event to the next, in the same order whenever it is run. */

interface Event {
  readonly at: number
  readonly sequence: number
  act: (() => void) | undefined
}

/** More in one run are a round that has no end; sound ones have a few thousand. */
const MOST_EVENTS = 100_000

export class VirtualTime {
  now = 0
  #events = 0
  readonly #heap: Event[] = []
  #sequence = 0

  /** @returns cancels it */
  after(ms: number, act: () => void): () => void {
    const event: Event = { at: this.now + ms, sequence: ++this.#sequence, act }
    this.#push(event)
    return () => (event.act = undefined)
  }

  /** Runs events until `isOver` says so, there are none, there were too many, or `limit` is passed. */
  async run(isOver: () => boolean, limit: number): Promise<void> {
    while (!isOver()) {
      const next = this.#heap[0]
      if (!next || next.at > limit || ++this.#events > MOST_EVENTS) return
      const event = this.#pop() as Event
      if (!event.act) continue
      this.now = event.at
      event.act()
      // What has been settled is acted upon before the next event, as it would be by a process of its own.
      await new Promise(setImmediate)
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(heap[parent] as Event, event)) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      if (isBefore(last, heap[child] as Event)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.sequence < other.sequence)
}
