/** What a text must be to reach librdkafka, and Kafka behind it, as the one that it is. */
import { ConfigurationError } from '../errors.js'

/** Kafka counts the bytes of a name in 16 bits. A longer one makes a request that no broker understands. */
const LONGEST_NAME_BYTES = 32_767

/**
 * librdkafka takes a text as a C string of UTF-8: it ends at its first zero byte, and all halves of surrogate pairs are
 * the same character there. Two texts that differ in nothing else would be one: two groups would share their offsets.
 *
 * @param name - of the option or setting, for the error, which does not show the text: it may be a secret
 * @throws ConfigurationError
 */
export function refuseUnlikeText(name: string, text: string): void {
  const problem = problemOf(text)
  if (problem !== '') throw new ConfigurationError(name, `${name} has ${problem}`)
}

function problemOf(text: string): string {
  if (text.includes('\0')) return 'a zero character, at which librdkafka would cut it off'
  // Of Node 20, which TypeScript's library of the year before does not know.
  const isWhole = (text as string & { isWellFormed(): boolean }).isWellFormed()
  return isWhole ? '' : 'half of a surrogate pair, which cannot be written as UTF-8'
}

/**
 * @param what - which name of several, for the error: `group.name with .channel behind it`
 * @throws ConfigurationError when Kafka's requests cannot carry it
 */
export function refuseLongText(name: string, text: string, longest = LONGEST_NAME_BYTES, what = name): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= longest) return
  throw new ConfigurationError(name, `${what} has ${bytes} bytes as UTF-8, and may have at most ${longest}`)
}
