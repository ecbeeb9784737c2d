/** A map that makes what it is asked for. */
export class DefaultMap<Key, Value> extends Map<Key, Value> {
  constructor(private readonly make: (key: Key) => Value) {
    super()
  }

  of(key: Key): Value {
    const known = this.get(key)
    if (known !== undefined) return known
    const value = this.make(key)
    this.set(key, value)
    return value
  }
}
