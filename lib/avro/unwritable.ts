/**
 * Finds what in a record a tap refuses to write though avsc takes it for valid: texts that are no Unicode, numbers that
 * overflow a float, bytes that another thread may change. Runs only after encoding has failed.
 */
import type { AvscType } from './avsc-type.js'
import { fieldOf } from './inherited-names.js'

/** Where it stands, and why it cannot be written. */
export interface Unwritable {
  readonly path: string
  readonly value: unknown
  readonly reason: string
}

/** What a tap throws for it. */
export class NotWritable extends TypeError {}

/** Why a tap does not write a value that it was given; empty when it does. */
export function textProblem(text: string): string {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
    ? ''
    : 'a text with half of a surrogate pair cannot be written as UTF-8'
}

export function floatProblem(number: number): string {
  return Number.isFinite(number) && !Number.isFinite(Math.fround(number))
    ? 'the number is beyond the range of a float, and would become Infinity'
    : ''
}

export function bytesProblem(bytes: unknown): string {
  return bytes instanceof Uint8Array && bytes.buffer instanceof SharedArrayBuffer
    ? 'bytes in a SharedArrayBuffer are not accepted: copy them first'
    : ''
}

interface Parts {
  readonly fields: readonly { readonly name: string; readonly type: AvscType }[]
  readonly itemsType: AvscType
  readonly valuesType: AvscType
  readonly types: readonly AvscType[]
}

/** @param value - valid by avsc's own check */
export function findUnwritable(type: AvscType, value: unknown, path = ''): Unwritable | undefined {
  const { fields, itemsType, valuesType, types } = type as unknown as Parts
  const found = (reason: string): Unwritable | undefined => (reason === '' ? undefined : { path, value, reason })
  switch (type.typeName) {
    case 'string':
      return found(textProblem(value as string))
    case 'float':
      return found(floatProblem(value as number))
    case 'bytes':
    case 'fixed':
      return found(bytesProblem(value))
    case 'record':
    case 'error':
      return first(fields, ({ name, type }) => {
        const field = fieldOf(value as object, name)
        return field === undefined ? undefined : findUnwritable(type, field, `${path}/${name}`)
      })
    case 'array':
      return first((value as unknown[]).entries(), ([i, item]) => findUnwritable(itemsType, item, `${path}/${i}`))
    case 'map':
      return first(Object.entries(value as object), ([key, entry]) => {
        const reason = textProblem(key)
        return reason === '' ? findUnwritable(valuesType, entry, `${path}/${key}`) : { path, value: key, reason }
      })
    case 'union:wrapped': {
      const [branch, inner] = Object.entries((value ?? {}) as object)[0] ?? []
      const branchType = types.find(({ branchName }) => branchName === branch)
      return branchType && findUnwritable(branchType, inner, `${path}/${branch}`)
    }
    case 'union:unwrapped': {
      const branchType = types.find(type => type.isValid(value))
      return branchType && findUnwritable(branchType, value, path)
    }
    default:
      return undefined
  }
}

function first<Item>(items: Iterable<Item>, find: (item: Item) => Unwritable | undefined): Unwritable | undefined {
  for (const item of items) {
    const found = find(item)
    if (found) return found
  }
  return undefined
}
