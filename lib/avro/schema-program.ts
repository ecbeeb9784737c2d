/** A schema as the table of numbers that the native walker follows; `src/avro/schema_program.h` tells its form. */

import type { LongForm } from './avsc-type.js'

/** The kinds of nodes, in the order of the C++ enum. */
const kinds = {
  null: 0,
  boolean: 1,
  int: 2,
  safeLong: 3,
  long: 4,
  float: 5,
  double: 6,
  bytes: 7,
  string: 8,
  fixed: 9,
  enum: 10,
  array: 11,
  map: 12,
  union: 13,
  record: 14
} as const

/** A schema as avsc gives it back: names are full, each type is defined where it comes first. */
type SchemaJson = string | readonly SchemaJson[] | SchemaObject

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly size: number
  readonly symbols: readonly string[]
  readonly items: SchemaJson
  readonly values: SchemaJson
  readonly fields: readonly { readonly type: SchemaJson }[]
}

/** @param schema - from avsc's `type.schema()` @param long - whether longs must be such that a number holds them */
export function schemaProgram(schema: unknown, long: LongForm): Int32Array {
  const program = new Program(long)
  program.add(schema as SchemaJson)
  return Int32Array.from(program.table)
}

class Program {
  readonly table: number[] = []
  readonly #byName = new Map<string, number>()

  constructor(private readonly long: LongForm) {}

  /** @returns the schema's node */
  add(schema: SchemaJson): number {
    if (typeof schema === 'string') return this.#byName.get(schema) ?? this.#primitive(schema)
    if (Array.isArray(schema)) return this.#withNodes('union', schema as readonly SchemaJson[])
    const type = schema as SchemaObject
    switch (type.type) {
      case 'fixed':
        return this.#named(type.name, this.#put(kinds.fixed, type.size))
      case 'enum':
        return this.#named(type.name, this.#put(kinds.enum, type.symbols.length))
      case 'array':
        return this.#withItem('array', type.items)
      case 'map':
        return this.#withItem('map', type.values)
      case 'record':
      case 'error': {
        const fields = type.fields.map(field => field.type)
        return this.#withNodes('record', fields, type.name)
      }
      default:
        return this.#primitive(type.type)
    }
  }

  #primitive(name: string): number {
    const kind = name === 'long' && this.long === 'number' ? 'safeLong' : name
    if (!Object.hasOwn(kinds, kind)) throw new Error(`no type of Avro: ${name}`)
    const node = this.#put(kinds[kind as keyof typeof kinds])
    return this.#named(name, node)
  }

  #withItem(kind: 'array' | 'map', item: SchemaJson): number {
    const node = this.#put(kinds[kind], 0)
    this.table[node + 1] = this.add(item)
    return node
  }

  #withNodes(kind: 'union' | 'record', schemas: readonly SchemaJson[], name?: string): number {
    const node = this.#put(kinds[kind], schemas.length, ...schemas.map(() => 0))
    // Before its fields, which may name it.
    if (name !== undefined) this.#named(name, node)
    schemas.forEach((schema, i) => (this.table[node + 2 + i] = this.add(schema)))
    return node
  }

  #put(...numbers: readonly number[]): number {
    const node = this.table.length
    for (const number of numbers) this.table.push(number)
    return node
  }

  #named(name: string, node: number): number {
    this.#byName.set(name, node)
    return node
  }
}
