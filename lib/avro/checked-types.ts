/**
 * Types of avsc, with what they let pass by mistake refused: a `Map`, `Set` or `Date` would be written as a map without
 * entries, anything as an enum whose text is a symbol; a map's entry named `__proto__` would be lost; and bytes that are no
 * text would be read as another one. Records are in plain-record.ts.
 */
import avsc from 'avsc'
import type { AvscType, ErrorHook } from './avsc-type.js'
import type { ExactTap } from './tap.js'

type Construct<Instance> = new (schema: object, options: object) => Instance
type Check = (value: unknown, flags: unknown, hook: ErrorHook | undefined, path: string[] | undefined) => boolean

interface AvscMap extends AvscType {
  readonly valuesType: AvscType
  _check(...check: Parameters<Check>): boolean
  _copy(value: unknown, options: unknown): object
}

interface AvscEnum extends AvscType {
  _check(...check: Parameters<Check>): boolean
}

interface AvscText extends AvscType {
  _update(resolver: { _read: unknown }, writer: AvscType): void
}

const EnumType = avsc.types.EnumType as unknown as Construct<AvscEnum>
const StringType = avsc.types.StringType as unknown as new () => AvscText
const MapType = avsc.types.MapType as unknown as Construct<AvscMap>

/** A value that is no object of fields; avsc's own error for it lacks the path, which is found afterwards. */
export class NotAnObjectError extends TypeError {
  constructor() {
    super('expected an object of fields or entries')
  }
}

/** Whether a value is an object whose own fields are its content: no array, Map, Set, Date, bytes, promise. */
export function isObjectOfFields(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]'
}

export class PlainMapType extends MapType {
  override _write(tap: ExactTap, value: unknown): void {
    if (!isObjectOfFields(value)) throw new NotAnObjectError()
    super._write(tap, value)
  }

  override _check(value: unknown, flags: unknown, hook: ErrorHook | undefined, path: string[] | undefined): boolean {
    if (isObjectOfFields(value)) return super._check(value, flags, hook, path)
    hook?.(value, this)
    return false
  }

  /** Of a default. avsc's, but for `__proto__`, which it loses. */
  override _copy(value: unknown, options: unknown): object {
    const copy = super._copy(value, options)
    if (!Object.hasOwn(value as object, '__proto__')) return copy
    const map = {}
    const { valuesType } = this as unknown as { valuesType: Pick<AvscMap, '_copy'> }
    for (const [key, entry] of Object.entries(value as object)) define(map, key, valuesType._copy(entry, options))
    return map
  }

  /** avsc's, but for `__proto__`. Resolvers of maps use it as their own, with a `valuesType` of theirs. */
  override _read(tap: ExactTap): Record<string, unknown> {
    const values = this.valuesType
    const map: Record<string, unknown> = {}
    for (;;) {
      let count = tap.readLong()
      if (count === 0) return map
      if (count < 0) {
        count = -count
        tap.readLong() // the block's size in bytes
      }
      for (; count > 0; count--) {
        const key = tap.readString()
        const value = values._read(tap)
        if (key === '__proto__') define(map, key, value)
        else map[key] = value
      }
    }
  }
}

function define(map: object, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
}

export class TextEnumType extends EnumType {
  /** Where avsc keeps the index of each symbol: in a plain object, which seems to have `toString` and others too. */
  set _indices(_: object) {
    Object.defineProperty(this, '_indices', { value: Object.create(null) })
  }

  override _write(tap: ExactTap, value: unknown): void {
    super._write(tap, typeof value === 'string' ? value : undefined)
  }

  override _check(value: unknown, flags: unknown, hook: ErrorHook | undefined, path: string[] | undefined): boolean {
    if (typeof value === 'string') return super._check(value, flags, hook, path)
    hook?.(value, this)
    return false
  }
}

const utf8 = new TextDecoder('utf8', { fatal: true, ignoreBOM: true })

class TextType extends StringType {
  override createResolver(writer: avsc.Type, options?: Parameters<avsc.Type['createResolver']>[1]): avsc.Resolver {
    if (writer.typeName === 'logical:decimal')
      throw new Error('a decimal cannot be read as a text: its bytes are a number')
    return super.createResolver(writer, options)
  }

  override _update(resolver: { _read: unknown }, writer: AvscType): void {
    super._update(resolver, writer)
    if (writer.typeName === 'bytes') resolver._read = (tap: ExactTap) => utf8.decode(writer._read(tap) as Buffer)
  }
}

/** One for all schemas, as it has no state. */
export const textType = new TextType()
