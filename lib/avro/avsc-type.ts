/** The inner calls of avsc's types that a batch needs: they read and write at a tap's position, and make no tap each. */
import avsc from 'avsc'
import type { Type } from 'avsc'
import { SchemaError } from '../errors.js'
import type { ExactTap } from './tap.js'

/** Reads one value at the tap's position. */
export interface ValueReader {
  _read(tap: ExactTap): unknown
}

/** A type of avsc with its inner calls. */
export type AvscType = Type &
  ValueReader & {
    _write(tap: ExactTap, value: unknown): void
  }

/** An Avro schema: its JSON text, or the object that the text stands for. */
export type Schema = string | object

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])

/** @throws SchemaError when it is no valid Avro schema; TypeError when it is neither text nor an object */
export function parseSchema(schema: Schema): AvscType {
  if (typeof schema !== 'string' && (typeof schema !== 'object' || schema === null)) {
    throw new TypeError(`a schema is a JSON text or an object, not ${schema === null ? 'null' : typeof schema}`)
  }
  try {
    // avsc takes a text for the name of a type, so it is parsed here.
    const parsed: unknown = typeof schema === 'string' && !primitives.has(schema) ? JSON.parse(schema) : schema
    // Records without avsc's methods on their prototype: they are the user's data.
    const options = { omitRecordMethods: true }
    return avsc.Type.forSchema(parsed as avsc.Schema, options as Parameters<typeof avsc.Type.forSchema>[1]) as AvscType
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SchemaError('ERR_MILLRACE_SCHEMA_INVALID', `not a valid Avro schema: ${reason}`, { cause })
  }
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
  return shortened(type.toString())
}

/** A schema's JSON, short enough for a message: two versions of a schema have the same name. */
function schemaOf(type: AvscType): string {
  return shortened(JSON.stringify(type.schema()))
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
