/**
 * avsc's records, with what they let pass by mistake refused: an array or a `Map` would be written as a record of defaults,
 * and what an object has from `Object.prototype` would be taken for a field.
 */
import avsc from 'avsc'
import type { AvscType, ErrorHook } from './avsc-type.js'
import { isObjectOfFields, NotAnObjectError } from './checked-types.js'
import { fieldsOf, isInherited, type WithFields, withSafeNames } from './inherited-names.js'
import type { ExactTap } from './tap.js'

type Write = (tap: ExactTap, value: unknown) => void
type Check = (value: unknown, flags: unknown, hook: ErrorHook | undefined, path: string[] | undefined) => boolean

interface Field {
  readonly name: string
  readonly aliases: readonly string[]
  defaultValue(): unknown
}

interface AvscRecord extends AvscType {
  readonly fields: readonly Field[]
  _createWriter(): Write
  _createChecker(): Check
  _copy(value: unknown, options: unknown): object
  _update(resolver: object, writer: AvscType & WithFields, options: object): void
}

const RecordType = avsc.types.RecordType as unknown as new (schema: object, options: object) => AvscRecord

/** Names that arrays, texts, Maps, Sets, bytes, functions and errors have too. */
const OF_OTHERS = new Set(['length', 'size', 'byteLength', 'byteOffset', 'name', 'message', 'stack', 'source', 'flags'])

/** All field names of a record that has one which every object has; undefined for others, which avsc may look into. */
function namesToTake(fields: readonly Field[]): readonly string[] | undefined {
  const names = fields.map(({ name }) => name)
  return names.some(isInherited) ? names : undefined
}

export class PlainRecordType extends RecordType {
  override _createWriter(): Write {
    const write = super._createWriter()
    const names = namesToTake(this.fields)
    if (names) {
      return function (this: unknown, tap, value) {
        if (!isObjectOfFields(value)) throw new NotAnObjectError()
        write.call(this, tap, fieldsOf(value as object, names))
      }
    }
    // Anything else lacks a field that has no default, and is refused by that.
    if (this.fields.some(field => field.defaultValue() === undefined && !OF_OTHERS.has(field.name))) return write
    return function (this: unknown, tap, value) {
      if (!isObjectOfFields(value)) throw new NotAnObjectError()
      write.call(this, tap, value)
    }
  }

  override _createChecker(): Check {
    const check = super._createChecker()
    const names = namesToTake(this.fields)
    return function (this: AvscType, value, flags, hook, path) {
      if (isObjectOfFields(value)) {
        return check.call(this, names ? fieldsOf(value as object, names) : value, flags, hook, path)
      }
      hook?.(value, this)
      return false
    }
  }

  /** Of a default. */
  override _copy(value: unknown, options: unknown): object {
    const names = namesToTake(this.fields)
    return super._copy(names && isObjectOfFields(value) ? fieldsOf(value as object, names) : value, options)
  }

  override _update(resolver: object, writer: AvscType & WithFields, options: object): void {
    super._update.call(withSafeNames<AvscRecord>(this), resolver, withSafeNames(writer), options)
  }
}
