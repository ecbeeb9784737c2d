/** The rights that docs/options.md says the ends of a channel need, as rights that a test gives its users. */
import { readFileSync } from 'node:fs'
import type { Operation, Right } from './access.js'

/** `''` for the topic of the data. */
const topics = ['', '.input.state', '.output.state', '.dead'] as const

/** The names of one channel. */
export interface Names {
  readonly channelName: string
  /** Kafka's group of the end's group, or of the end itself. */
  readonly groupId: string
}

const text = readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8')

function operationsIn(cell: string): Operation[] {
  return cell.split(', ').filter(word => /^[A-Z]/.test(word)) as Operation[]
}

/** What the row of the table that begins with `who` gives, a right for each operation. @param deadLetters - whether that column counts */
export function rightsOf(who: string, { channelName, groupId }: Names, deadLetters = false): Right[] {
  const row = text.split('\n').find(line => line.startsWith(`| ${who} `))
  if (row === undefined) throw new RangeError(`docs/options.md has no rights of '${who}'`)
  const cells = row.split('|').map(cell => cell.trim())
  const on = (cell: string | undefined, resource: 'topic' | 'group', name: string): Right[] =>
    operationsIn(cell ?? '').map(operation => ({ operations: [operation], on: resource, name, pattern: 'literal' }))
  return [
    ...topics
      .filter(suffix => suffix !== '.dead' || deadLetters)
      .flatMap(suffix => on(cells[2 + topics.indexOf(suffix)], 'topic', `${channelName}${suffix}`)),
    ...on(cells[2 + topics.length], 'group', groupId)
  ]
}
