/**
 * Mutated payloads between two good ones, decoded as a reader does: nothing crashes, the good ones come out unharmed, and
 * what is taken for a record can be written again and says the same.
 */
import { isDeepStrictEqual } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { RecordType } from 'millrace'
import { BatchDecoder, type DecodedRecords } from '../../lib/avro/index.js'
import { goldenCases, schemaText, slabOf } from '../support/fixtures.js'
import { parameters } from '../support/random.js'

const { count, random } = parameters(1_000_000)

/** No record may take more; of what the heap grows by from one look to the next, garbage included. */
const MOST_BYTES = 64 * 1024 * 1024

interface Target {
  readonly type: RecordType
  readonly decoder: BatchDecoder<unknown>
  readonly bodies: readonly Buffer[]
}

/** The schemas of the golden data, and some that invite claims of what is not there. */
function targets(): Target[] {
  const bodies = new Map<string, Buffer[]>()
  for (const { schema, hex } of goldenCases()) {
    // avsc refuses the outermost longs.
    if (hex.includes('ffffffffffff1f')) continue
    const text = schemaText(schema)
    bodies.set(text, [...(bodies.get(text) ?? []), Buffer.from(hex, 'hex')])
  }
  const empty = { type: 'record', name: 'Empty', fields: [] }
  const nulls = {
    type: 'record',
    name: 'Nulls',
    fields: ['a', 'b', 'c', 'd', 'e', 'f'].map(name => ({ name, type: 'null' }))
  }
  for (const items of ['null', empty, nulls, { type: 'map', values: 'null' }, { type: 'array', items: 'null' }]) {
    bodies.set(JSON.stringify({ type: 'array', items }), [Buffer.from([0]), Buffer.from([4, 0, 0, 0])])
  }
  return [...bodies].map(([schema, examples]) => {
    const type = RecordType.of(schema)
    const decoder = new BatchDecoder(type, 'plain', [type])
    const isGood = (body: Buffer): boolean => decode(decoder, [body]).records.length === 1
    return { type, decoder, bodies: examples.filter(isGood) }
  })
}

function decode(decoder: BatchDecoder<unknown>, bodies: readonly Buffer[]): DecodedRecords<unknown> {
  const { slab, ends, count } = slabOf(...bodies)
  // Memory of its own, of that size: the sanitizer sees a byte too far.
  const exact = Buffer.allocUnsafeSlow(slab.length)
  slab.copy(exact)
  return decoder.decode(exact, ends, count, new Uint8Array(count))
}

const claims = ['80b4891300', 'feffffff0f', 'ffffffffffffffffff01', '80808080808040', '01', '0301', 'c0843d']

function mutated(bodies: readonly Buffer[]): Buffer {
  let body = Buffer.from(random.pick(bodies))
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(body.length + 1)
    switch (random.below(6)) {
      case 0:
        if (at < body.length) body[at] = (body[at] as number) ^ (1 << random.below(8))
        break
      case 1:
        body = body.subarray(0, at)
        break
      case 2:
        body = Buffer.concat([body.subarray(0, at), Buffer.from([random.below(256)]), body.subarray(at)])
        break
      case 3:
        body = Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + random.below(4))])
        break
      case 4:
        body = Buffer.concat([body.subarray(0, at), Buffer.from(random.pick(claims), 'hex'), body.subarray(at)])
        break
      default:
        body = Buffer.concat([body.subarray(0, at), random.pick(bodies).subarray(random.below(4))])
    }
  }
  return body
}

function fail(what: string, { type }: Target, body: Buffer): never {
  console.error(`${what}: ${body.toString('hex').slice(0, 2000)} of ${String(type)} (--seed ${random.seed})`)
  process.exit(1)
}

/** What a record says, whatever the prototypes of its objects. */
function content(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === 'number' && (!Number.isFinite(field) || Object.is(field, -0)))
      return `number ${1 / field} ${field}`
    return field
  })
}

const all = targets()
let decodable = 0
let highest = 0
for (let i = 0; i < count; i++) {
  const target = random.pick(all)
  const { type, decoder, bodies } = target
  const [before, after] = [random.pick(bodies), random.pick(bodies)]
  const body = mutated(bodies)
  const heap = getHeapStatistics().used_heap_size
  const { records, undecodable } = decode(decoder, [before, body, after])
  const grown = getHeapStatistics().used_heap_size - heap
  highest = Math.max(highest, grown)
  if (grown > MOST_BYTES) fail(`a record took ${grown} bytes`, target, body)
  const [first] = decode(decoder, [before]).records
  if (!isDeepStrictEqual(records[0], first)) fail('the record before it came out as another', target, body)
  // At the end of the slab, with nothing of a neighbour behind it.
  const alone = decode(decoder, [body])
  if ((alone.undecodable === undefined) !== (undecodable === undefined))
    fail('alone it is something else', target, body)
  if (undecodable !== undefined) {
    if (records.length !== 1) fail(`${records.length} records and ${undecodable}`, target, body)
    continue
  }
  decodable++
  if (records.length !== 3) fail(`${records.length} records`, target, body)
  if (!isDeepStrictEqual(records[2], decode(decoder, [after]).records[0])) fail('the one behind changed', target, body)
  const [, record] = records
  const again = type.decode(type.encode(record))
  if (content(again) !== content(record)) fail('what was read says something else when written again', target, body)
}
console.log(
  `${count} mutated payloads (--seed ${random.seed}): ${decodable} still records, the largest of ${highest} bytes`
)
