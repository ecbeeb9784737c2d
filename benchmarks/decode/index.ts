/** What checking a record costs beside decoding it: the native walk, and the whole of a batch decoder. */
import { RecordType } from 'millrace'
import { BatchDecoder, BatchEncoder, SlabPool, Walker } from '../../lib/avro/index.js'
import { headerOf } from '../../lib/avro/framing.js'
import { table } from '../../lib/cli/table.js'
import { machine, type Machine } from '../machine.js'
import type { Benchmark } from '../main.js'
import { schema, textOf } from '../throughput/records.js'

export interface DecodeRow {
  readonly recordBytes: number
  readonly nanosecondsPerRecord: { readonly walk: number; readonly decode: number }
}

const RECORDS = 2000
const REPEATS = 9

export const decode: Benchmark = {
  summary: 'nanoseconds to check and to decode a record, without a broker',
  run({ quick }): Promise<{ readonly machine: Machine; readonly rows: readonly DecodeRow[] }> {
    const rows = [100, 1000].map(recordBytes => measure(recordBytes, quick ? 100 : 1000))
    const cells = rows.map(({ recordBytes, nanosecondsPerRecord: { walk, decode } }) => [recordBytes, walk, decode])
    console.log(table([['record bytes', 'ns to walk', 'ns to walk and decode'], ...cells]))
    return Promise.resolve({ machine: machine(), rows })
  }
}

function measure(recordBytes: number, rounds: number): DecodeRow {
  const type = RecordType.of(schema)
  const records = Array.from({ length: RECORDS }, (_, i) => ({ i: 1000 * i, s: textOf(recordBytes) }))
  const { slab, ends } = new BatchEncoder(type, 'single-object', new SlabPool(), 1_000_000).encode(records)
  const flags = new Uint8Array(RECORDS)
  const decoder = new BatchDecoder(type, 'single-object', [type])
  const walker: Walker = type.walker('number')
  const header = headerOf('single-object', type)
  return {
    recordBytes,
    nanosecondsPerRecord: {
      walk: nanoseconds(rounds, () => walker.walk(slab, ends, flags, 0, RECORDS, header)),
      decode: nanoseconds(rounds, () => decoder.decode(slab, ends, RECORDS, flags))
    }
  }
}

/** The median of several rounds, for each record. */
function nanoseconds(rounds: number, act: () => unknown): number {
  const samples = Array.from({ length: REPEATS }, () => {
    const start = performance.now()
    for (let i = 0; i < rounds; i++) act()
    return ((performance.now() - start) * 1e6) / rounds / RECORDS
  })
  return samples.toSorted((one, other) => one - other)[Math.floor(REPEATS / 2)] as number
}
