/** Texts that others have written, as a terminal may show them: whoever writes a status message must not control it. */

/** So much of one text is shown. */
const LONGEST = 1000
const SPACES = /[\t-\r\u0085\u2028\u2029]+/g
/** What controls a terminal, or turns the direction of what comes behind it, and halves of surrogate pairs. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu

/** In one line: what breaks lines is a space, and what controls a terminal stands there as `\u001b`. */
export function plain(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
  return shown.replace(SPACES, ' ').replace(CONTROLS, escaped)
}

/** The same of a text of several lines. */
export function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n')
}

/** With each text in it as `plain` gives it, names of fields apart. */
export function plainDeep<Value>(value: Value): Value {
  if (typeof value === 'string') return plain(value) as Value
  if (Array.isArray(value)) return value.map(plainDeep) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainDeep(one as unknown)])) as Value
}

/** JSON that means the same, and that a terminal may show: JSON itself lets some of these characters stand. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(CONTROLS, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
