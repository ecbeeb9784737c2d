/**
 * Names that every object has from `Object.prototype`: `constructor`, `toString`, `hasOwnProperty`. A record may have fields
 * of such names, and avsc looks its fields, symbols and types up in plain objects, which seem to hold all of them.
 */

/** Whether every object has something by this name. */
export function isInherited(name: unknown): boolean {
  return typeof name === 'string' && name in Object.prototype
}

/** A record's field; undefined for a method of its prototype, which no type of Avro would take. */
export function fieldOf(record: object, name: string): unknown {
  const field = (record as Record<string, unknown>)[name]
  return typeof field === 'function' && !Object.hasOwn(record, name) ? undefined : field
}

/** The record's fields of these names, in an object that has nothing else. */
export function fieldsOf(record: object, names: readonly string[]): object {
  const fields = Object.create(null) as Record<string, unknown>
  for (const name of names) fields[name] = fieldOf(record, name)
  return fields
}

interface Named {
  readonly name: string
  readonly aliases: readonly string[]
}

/** A record type as avsc's resolution looks at it. */
export interface WithFields {
  /** Not of a writer's type that is no record. */
  readonly fields?: readonly Named[]
}

/** Names for which no object is taken to have something; `$` stands in no name of Avro. */
const safe = (name: string): string => (isInherited(name) ? `${name}$` : name)

/**
 * The same record type with other names where they are inherited ones. avsc's resolution matches a writer's fields with a
 * reader's by their names alone, so it may match these.
 */
export function withSafeNames<Type extends WithFields>(type: Type): Type {
  const { fields } = type
  if (!fields?.some(({ name, aliases }) => isInherited(name) || aliases.some(isInherited))) return type
  const renamed = fields.map((field): unknown =>
    Object.create(field, { name: { value: safe(field.name) }, aliases: { value: field.aliases.map(safe) } })
  )
  return Object.create(type, { fields: { value: renamed } }) as Type
}
