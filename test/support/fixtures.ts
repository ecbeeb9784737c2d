/**
 * The golden data of `test/fixtures`: bytes made by implementations other than ours. JSON cannot say everything, so
 * values there carry tags: `{"$bytes":"hex"}`, `{"$num":"NaN"}`, `{"$branch":"name","value":…}`.
 */
import { readFileSync } from 'node:fs'

function text(file: string): string {
  return readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
}

/** The text of `schemas/NAME.avsc`. */
export function schemaText(name: string): string {
  return text(`schemas/${name}.avsc`)
}

/** The entries of a file that holds one array. */
export function fixture<Entry>(file: string): Entry[] {
  return JSON.parse(text(file)) as Entry[]
}

export interface GoldenCase {
  readonly id: string
  /** Name of the schema. */
  readonly schema: string
  readonly hex: string
  /** Undefined where the record is not in `records`. */
  readonly record: unknown
}

export function goldenCases(): GoldenCase[] {
  const golden = fixture<Omit<GoldenCase, 'record'>>('golden.json')
  const schemas = new Set(golden.map(({ schema }) => schema))
  schemas.delete('unions')
  const lines = [...schemas].flatMap(schema => text(`records/${schema}.json`).trim().split('\n'))
  const records = new Map(lines.map(line => JSON.parse(line) as { id: string; record: unknown }).map(r => [r.id, r]))
  // Two's complement of the least length, as Java writes it and the specification's example has it: 80, not ff80.
  const minimal = { 'decimal--128': '0280ffffffffffffce00020cfed5fa0e0000' } as Record<string, string>
  for (const [i, one] of golden.entries()) golden[i] = { ...one, hex: minimal[one.id] ?? one.hex }
  return golden.map(one => ({ ...one, record: untagged(records.get(one.id)?.record) }))
}

/** The value that the tags stand for. */
export function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged)
  if (value === null || typeof value !== 'object') return value
  const tagged = value as Record<string, unknown>
  if (typeof tagged.$bytes === 'string') return Buffer.from(tagged.$bytes, 'hex')
  if (typeof tagged.$decimal === 'string') return tagged.$decimal
  if (typeof tagged.$num === 'string') return Number(tagged.$num)
  if (typeof tagged.$branch === 'string') return { [tagged.$branch]: untagged(tagged.value) }
  return Object.fromEntries(Object.entries(tagged).map(([key, field]) => [key, untagged(field)]))
}

/** Records one behind the other, as a batch has them. */
export function slabOf(...records: readonly Uint8Array[]): { slab: Buffer; ends: Uint32Array; count: number } {
  let end = 0
  const ends = Uint32Array.from(records, record => (end += record.length))
  return { slab: Buffer.concat(records), ends, count: records.length }
}
