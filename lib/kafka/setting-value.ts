/** Values of settings that librdkafka would take for others, refused before it sees them. */
import { ConfigurationError } from '../errors.js'
import type { KnownSetting } from './known-settings.js'
import { refuseUnlikeText } from './plain-text.js'

const WHOLE = /^(0|-?[1-9]\d*)$/
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/
const RANGE = /^(-?\d+) \.\. (-?\d+)$/

/**
 * @param key - the name of a setting; whether there is one is not looked at
 * @throws ConfigurationError for a value that is no value of any setting; it is not shown: it may be a secret
 */
export function refuseUnlikeValue(key: string, value: unknown): void {
  if (typeof value === 'string') refuseUnlikeText(key, value)
  else if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw new ConfigurationError(
      key,
      `'${key}' in channelConfig must be a text, a number or a boolean, not ${typeof value}`
    )
  }
}

/**
 * librdkafka reads the digits in front of an exponent, a point or a letter, those behind a 0 as octal, and `nan` as a
 * number; and of a number beyond 32 bits it takes the lower ones, so that 2^32 + 100 milliseconds are 100.
 *
 * @param known - undefined for a setting that is in no list
 * @throws ConfigurationError
 */
export function refuseUnlikeNumber(
  key: string,
  value: string | number | boolean,
  known: KnownSetting | undefined
): void {
  const text = String(value)
  if (known?.type === 'integer') {
    // Some have names for some of their values: `all` for acks.
    if (!/\d|NaN|Infinity/.test(text)) return
    if (!WHOLE.test(text)) throw unlikeNumber(key, text, 'a whole number', known)
  } else if (known?.type === 'float') {
    if (!DECIMAL.test(text)) throw unlikeNumber(key, text, 'a number', known)
  } else return
  const [, lowest, highest] = RANGE.exec(known.values) ?? []
  if (Number(text) >= Number(lowest ?? -Infinity) && Number(text) <= Number(highest ?? Infinity)) return
  throw unlikeNumber(key, text, `from ${lowest} to ${highest}`, known)
}

function unlikeNumber(key: string, text: string, what: string, known: KnownSetting): ConfigurationError {
  const range = RANGE.test(known.values) && !what.startsWith('from') ? ` (${known.values})` : ''
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
  return new ConfigurationError(key, `'${key}' in channelConfig must be ${what}${range}, not '${shown}'`)
}
