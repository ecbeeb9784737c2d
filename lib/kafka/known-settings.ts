/** librdkafka's own list of its settings: which there are, for which kind of client, and with which values. */
import { native } from '../native/index.js'

/** The kind of client that a setting is for. */
export type ClientRole = 'consumer' | 'producer'

export interface KnownSetting {
  readonly name: string
  /** Undefined for both. */
  readonly role: ClientRole | undefined
  /** As librdkafka prints it: `0 .. 900000`, `none, gzip, lz4`; empty for any text. */
  readonly values: string
  /** `integer`, `float`, `boolean`, `string`, … as librdkafka calls them. */
  readonly type: string
  /** The setting that this is another name of. */
  readonly aliasOf: string | undefined
}

const ALIAS = /Alias for `([^`]+)`/
const TYPE = /\*Type: ([^*]*)\*/

let known: ReadonlyMap<string, KnownSetting> | undefined

/** By name. */
export function knownSettings(): ReadonlyMap<string, KnownSetting> {
  return (known ??= parseSettings(native().addon.settingsTable()))
}

/** @param table - rows of `name | C, P or * | range | default | …`, as `rd_kafka_conf_properties_show` prints it */
export function parseSettings(table: string): ReadonlyMap<string, KnownSetting> {
  const settings = new Map<string, KnownSetting>()
  for (const line of table.split('\n')) {
    const [name = '', kind = '', values = '', , , description = ''] = line.split('|').map(cell => cell.trim())
    if (!/^[a-z_][a-z0-9._]*$/.test(name) || !['C', 'P', '*'].includes(kind)) continue
    const role = kind === 'C' ? 'consumer' : kind === 'P' ? 'producer' : undefined
    // Some are settings of clients and of topics: of both kinds of clients if one of them is.
    const other = settings.get(name)
    settings.set(name, {
      name,
      role: other && other.role !== role ? undefined : role,
      values,
      type: TYPE.exec(description)?.[1] ?? '',
      aliasOf: ALIAS.exec(description)?.[1]
    })
  }
  return settings
}

/**
 * Which of some settings a text of librdkafka is about, in its order. It may call them by another of their names.
 * @param keys - in the order in which they are set: of two names of one setting the last is what is set
 */
export function namedIn(text: string, keys: Iterable<string>): string[] {
  const mainName = (name: string): string => knownSettings().get(name)?.aliasOf ?? name
  const found = new Map<string, { readonly key: string; readonly place: number }>()
  for (const key of keys) {
    const names = [key, ...[...knownSettings().keys()].filter(name => mainName(name) === mainName(key))]
    const places = names.map(name => placeOf(name, text)).filter(place => place >= 0)
    if (places.length > 0) found.set(mainName(key), { key, place: Math.min(...places) })
  }
  return [...found.values()].sort((one, other) => one.place - other.place).map(({ key }) => key)
}

/** As a word of its own; -1 where it is none, or only a part of another. */
function placeOf(name: string, text: string): number {
  return text.search(new RegExp(`(?<![\\w.])${name.replaceAll('.', '\\.')}(?!\\.?\\w)`))
}

/** The names that are most like one that does not exist, the nearest first; none when nothing is like it. */
export function nearest(name: string, names: Iterable<string>, most = 3): string[] {
  // `lingerMs` and `linger_ms` are what `linger.ms` is called elsewhere.
  const plain = (text: string): string => text.replace(/[^a-zA-Z0-9]/g, '').toLowerCase()
  const sought = plain(name)
  const within = Math.max(1, Math.floor(sought.length / 5))
  return [...names]
    .map(candidate => ({ candidate, distance: distance(sought, plain(candidate), within) }))
    .filter(({ distance }) => distance <= within)
    .sort((one, other) => one.distance - other.distance || (one.candidate < other.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** Letters to change, add or leave out (Levenshtein); above `within` some number above it. */
function distance(one: string, other: string, within: number): number {
  if (Math.abs(one.length - other.length) > within) return within + 1
  let row = Array.from({ length: other.length + 1 }, (_, i) => i)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const changed = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[other.length] as number
}
