/** First in, first out. An array's own `shift` moves all the others once there are tens of thousands. */

/** From so many taken ones on, the room in front is given up. */
const MOST_TAKEN = 1024

export class Queue<Element extends object> {
  #elements: (Element | undefined)[] = []
  /** How many at the front of `#elements` are taken. */
  #taken = 0

  get length(): number {
    return this.#elements.length - this.#taken
  }

  get first(): Element | undefined {
    return this.#elements[this.#taken]
  }

  push(element: Element): void {
    this.#elements.push(element)
  }

  /** Takes the first one; undefined when there is none. */
  shift(): Element | undefined {
    const first = this.first
    if (first === undefined) return undefined
    this.#elements[this.#taken++] = undefined
    if (this.#taken >= MOST_TAKEN && 2 * this.#taken >= this.#elements.length) {
      this.#elements = this.#elements.slice(this.#taken)
      this.#taken = 0
    }
    return first
  }
}
