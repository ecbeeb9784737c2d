/** The inner calls of avsc's types that a batch needs: they read and write at a tap's position, and make no tap each. */
import avsc from 'avsc'
import type { Type } from 'avsc'
import { SchemaError } from '../errors.js'
import { bigintLong } from './bigint-long.js'
import { PlainMapType, TextEnumType, textType } from './checked-types.js'
import { checkPrecision, DecimalType } from './decimal.js'
import { floatType } from './float.js'
import { isInherited } from './inherited-names.js'
import { PlainRecordType } from './plain-record.js'
import type { ExactTap } from './tap.js'
import { unionOf } from './union-type.js'

/** Reads one value at the tap's position. */
export interface ValueReader {
  _read(tap: ExactTap): unknown
}

/** Told of each value that does not fit, and where. */
export type ErrorHook = (value: unknown, type: AvscType) => void

/** A type of avsc with its inner calls. */
export type AvscType = Type &
  ValueReader & {
    _write(tap: ExactTap, value: unknown): void
  }

/** An Avro schema: its JSON text, or the object that the text stands for. */
export type Schema = string | object

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])

/** How longs come and go: as numbers, exact or refused, or as bigints. */
export type LongForm = 'number' | 'bigint'

/** @throws SchemaError when it is no valid Avro schema; TypeError when it is neither text nor an object */
export function parseSchema(schema: Schema, long: LongForm = 'number'): AvscType {
  if (typeof schema !== 'string' && (typeof schema !== 'object' || schema === null)) {
    throw new TypeError(`a schema is a JSON text or an object, not ${schema === null ? 'null' : typeof schema}`)
  }
  try {
    // avsc takes a text for the name of a type, so it is parsed here.
    const parsed: unknown = typeof schema === 'string' && !primitives.has(schema) ? JSON.parse(schema) : schema
    return avsc.Type.forSchema(parsed as avsc.Schema, avscOptions(long)) as AvscType
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SchemaError('ERR_MILLRACE_SCHEMA_INVALID', `not a valid Avro schema: ${reason}`, { cause })
  }
}

type AvscOptions = NonNullable<Parameters<typeof avsc.Type.forSchema>[1]>

function avscOptions(long: LongForm): AvscOptions {
  const options = {
    // Records without avsc's methods on their prototype: they are the user's data.
    omitRecordMethods: true,
    // Without a prototype: it would seem to have a logical type `constructor`.
    logicalTypes: Object.assign(Object.create(null) as object, { decimal: DecimalType }),
    typeHook: (schema: unknown, within: AvscOptions) => ownType(schema, within, long)
  }
  return options as unknown as AvscOptions
}

/** Ours in place of avsc's type for a schema; undefined for avsc's own. Called for each schema inside of a schema. */
function ownType(schema: unknown, options: AvscOptions, long: LongForm): unknown {
  if (Array.isArray(schema)) return ownUnion(schema as avsc.Schema[], options)
  const type = typeof schema === 'object' && schema !== null ? (schema as { type?: unknown }).type : schema
  if (type === 'long' && long === 'bigint') return bigintLong
  if (type === 'string') return textType
  if (type === 'float') return floatType
  refuseInherited(schema, type, options)
  if (typeof schema !== 'object') return undefined
  checkPrecision(schema as object)
  if (type === 'enum') return new TextEnumType(schema as object, options)
  if (type === 'map') return new PlainMapType(schema as object, options)
  if (type !== 'record' && type !== 'error') return undefined
  const { name, fields } = schema as { name?: unknown; fields?: unknown }
  if (!Array.isArray(fields)) throw new Error(`the record ${String(name)} has no array of fields`)
  if (fields.some((field: { name?: unknown } | null) => field?.name === '__proto__')) {
    throw new Error('invalid field name: __proto__ is no name of a field in JavaScript')
  }
  return new PlainRecordType(schema as object, options)
}

/** avsc looks types up by name in plain objects, which seem to have one named `constructor` or `toString`. */
function refuseInherited(schema: unknown, type: unknown, options: AvscOptions): void {
  const { name, namespace = options.namespace } = Object(schema) as { name?: unknown; namespace?: string }
  if (isInherited(name) && !namespace) {
    throw new Error(`invalid type name: ${String(name)}, without a namespace, is a name that every object has`)
  }
  if (isInherited(type) && (type !== schema || !namespace)) throw new Error(`unknown type: ${String(type)}`)
}

/** A text does not tell its branch where it may be a decimal too: such a union has values that name theirs. */
function ownUnion(schemas: readonly avsc.Schema[], options: AvscOptions): unknown {
  const { registry = {}, namespace = '' } = options as {
    registry?: Record<string, { readonly typeName: string }>
    namespace?: string
  }
  const nameOfType = (schema: avsc.Schema): unknown => {
    if (typeof schema === 'string') return (registry[schema] ?? registry[`${namespace}.${schema}`])?.typeName ?? schema
    const { logicalType, type } = schema as { logicalType?: unknown; type?: unknown }
    return logicalType === 'decimal' ? 'logical:decimal' : type
  }
  const texts = schemas.map(nameOfType).filter(name => ['logical:decimal', 'string', 'enum'].includes(name as string))
  const types = schemas.map(schema => avsc.Type.forSchema(schema, options) as AvscType)
  return unionOf(types, texts.length > 1 && texts.includes('logical:decimal'))
}

/**
 * What reads values of `writer` as values of `reader`, by Avro's schema resolution.
 * @throws SchemaError that names both when they cannot be resolved
 */
export function resolve(reader: AvscType, writer: AvscType): ValueReader {
  try {
    return reader.createResolver(writer) as unknown as ValueReader
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SchemaError(
      'ERR_MILLRACE_SCHEMA_INCOMPATIBLE',
      `records written with ${schemaOf(writer)} cannot be read as ${schemaOf(reader)}: ${reason}`,
      { cause }
    )
  }
}

/** A schema's name, or its JSON where it has none, short enough for a message. */
export function nameOf(type: AvscType): string {
  const isLogical = type.typeName.startsWith('logical:')
  return shortened(isLogical ? JSON.stringify(type.schema({ exportAttrs: true })) : type.toString())
}

/** A schema's JSON, short enough for a message: two versions of a schema have the same name. */
function schemaOf(type: AvscType): string {
  return shortened(JSON.stringify(type.schema()))
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
