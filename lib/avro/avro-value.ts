/** The TypeScript type of a schema's values, for schemas that stand in the program: `as const`, or passed directly. */

interface Primitives<Long> {
  null: null
  boolean: boolean
  int: number
  long: Long
  float: number
  double: number
  bytes: Uint8Array
  string: string
}

interface FieldSchema {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}

interface RecordSchema {
  readonly type: 'record' | 'error'
  readonly name: string
  readonly fields: readonly FieldSchema[]
}

/** A schema that tells its type: an object or array whose texts are literals, or the name of a primitive type. */
export type SchemaLiteral =
  keyof Primitives<unknown> | { readonly type: unknown; readonly [attribute: string]: unknown } | readonly unknown[]

/** With one object type in place of an intersection, as an editor shows it. */
type Flat<T> = { [Key in keyof T]: T[Key] } & {}

/**
 * What a record of a schema looks like: `AvroValue<typeof schema>`. Fields with a default may be missing on writing; what
 * is read has them. Longs are numbers, or bigints by the second argument. Unions whose values must name their branch, and
 * named types that are used outside of where they are defined, come out as `unknown`, which takes everything.
 *
 * ```ts
 * const schema = { type: 'record', name: 'Sample', fields: [{ name: 'i', type: 'long' }] } as const
 * type Sample = AvroValue<typeof schema> // { i: number }
 * ```
 */
export type AvroValue<Schema, Long = number> = ValueOf<Schema, {}, Long>

/** @typeParam Names - the named types around the schema */
type ValueOf<Schema, Names, Long> =
  // Of `any` every branch would be taken, without end.
  0 extends 1 & Schema
    ? unknown
    : Schema extends keyof Primitives<Long>
      ? Primitives<Long>[Schema]
      : Schema extends keyof Names
        ? ValueOf<Names[Schema], Names, Long>
        : Schema extends readonly unknown[]
          ? UnionOf<Schema, Names, Long>
          : Schema extends RecordSchema
            ? RecordOf<Schema, Names & { [Name in Schema['name']]: Schema }, Long>
            : Schema extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbol)[] }
              ? Symbol
              : Schema extends { readonly type: 'array'; readonly items: infer Items }
                ? ValueOf<Items, Names, Long>[]
                : Schema extends { readonly type: 'map'; readonly values: infer Values }
                  ? Record<string, ValueOf<Values, Names, Long>>
                  : Schema extends {
                        readonly type: 'bytes' | 'fixed'
                        readonly logicalType: 'decimal'
                        readonly precision: number
                      }
                    ? string
                    : Schema extends { readonly type: 'fixed' }
                      ? Uint8Array
                      : Schema extends { readonly type: keyof Primitives<Long> }
                        ? Primitives<Long>[Schema['type']]
                        : unknown

type RecordOf<Schema extends RecordSchema, Names, Long> = Flat<
  {
    [Field in Schema['fields'][number] as Field extends { readonly default: unknown } ? never : Field['name']]: ValueOf<
      Field['type'],
      Names,
      Long
    >
  } & {
    [
      Field in Schema['fields'][number] as Field extends { readonly default: unknown } ? Field['name'] : never
    ]?: ValueOf<Field['type'], Names, Long>
  }
>

/** Values are plain where each tells its branch, as avsc decides it (docs/avro.md). */
type UnionOf<Branches extends readonly unknown[], Names, Long> =
  IsAmbiguous<Branches, Names, Long> extends true
    ? unknown
    : { [Index in keyof Branches]: ValueOf<Branches[Index], Names, Long> }[number]

/** Whether two branches have values of one sort. */
type IsAmbiguous<Branches, Names, Long, Seen = never> = Branches extends readonly [infer First, ...infer Rest]
  ? SortOf<ValueOf<First, Names, Long>> extends Seen
    ? true
    : IsAmbiguous<Rest, Names, Long, Seen | SortOf<ValueOf<First, Names, Long>>>
  : false

/** Of a value, as far as avsc looks at it: records and maps are both objects, texts and enums both texts. */
type SortOf<Value> = [unknown] extends [Value]
  ? 'unknown'
  : [Value] extends [null]
    ? 'null'
    : [Value] extends [string]
      ? 'text'
      : [Value] extends [number]
        ? 'number'
        : [Value] extends [bigint]
          ? 'bigint'
          : [Value] extends [boolean]
            ? 'boolean'
            : [Value] extends [Uint8Array]
              ? 'bytes'
              : [Value] extends [readonly unknown[]]
                ? 'array'
                : 'object'
