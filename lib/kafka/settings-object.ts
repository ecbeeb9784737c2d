/** That an object of settings gives all of them as fields of its own: what it hides would be passed over without a word. */
import { ConfigurationError } from '../errors.js'

/**
 * @param what - the option that it is, for the error
 * @throws TypeError when it is no object of fields: a Map has none, and would be no settings at all
 * @throws ConfigurationError for a field that is inherited or not enumerable, as a getter of a class is
 */
export function refuseUnlikeSettings(what: string, settings: unknown): void {
  if (Object.prototype.toString.call(settings) !== '[object Object]') {
    throw new TypeError(`${what} must be an object of Kafka's settings`)
  }
  const hidden = hiddenField(settings as object)
  if (hidden === undefined) return
  throw new ConfigurationError(
    hidden,
    `'${hidden}' in ${what} is inherited or not enumerable, and would be passed over: make it a field of the object's own`
  )
}

function hiddenField(settings: object): string | undefined {
  let level: object | null = settings
  // The last is Object.prototype, perhaps that of another realm.
  while (level !== null && !Object.hasOwn(level, 'isPrototypeOf')) {
    for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      const isSeen = level === settings && field.enumerable === true
      if (!isSeen && typeof field.value !== 'function') return name
    }
    level = Object.getPrototypeOf(level) as object | null
  }
  return undefined
}
