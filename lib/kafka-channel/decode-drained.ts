/** Turns what a drain brought into the records of a batch, up to the first that cannot be decoded. */
import type { BatchDecoder } from '../avro/index.js'
import type { DrainBuffers } from '../kafka/index.js'
import type { WriterSchemas } from './writer-schemas.js'

/** The good records of a drain, and what came behind them. */
export interface DecodedDrain<T> {
  readonly records: T[]
  /** Offsets of the first and the last of them. */
  readonly firstOffset: number
  readonly lastOffset: number
  readonly timestamps: Float64Array
  /** Records that were passed over. */
  readonly skipped: number
  /** The record at which it ended, if it did before the end of the drain. */
  readonly undecodable?: { readonly offset: number; readonly reason: string; readonly unknownSchema?: string }
}

/**
 * @param count - records in the buffers, of one partition; no error among them
 * @param skips - whether records that cannot be decoded are passed over
 */
export function decodeDrained<T>(
  decoder: BatchDecoder<T>,
  schemas: WriterSchemas,
  { slab, ends, offsets, timestamps, flags }: DrainBuffers,
  count: number,
  skips: boolean
): DecodedDrain<T> {
  // Indices of those that were skipped; mostly there is none.
  let skipped: number[] = []
  const skip = skips ? (index: number): void => void skipped.push(index) : undefined
  let decoded = decoder.decode(slab, ends, count, flags, skip)
  while (decoded.unknownSchema !== undefined && schemas.learn(decoded.unknownSchema)) {
    skipped = []
    decoded = decoder.decode(slab, ends, count, flags, skip)
  }
  const { records, undecodable: reason, unknownSchema } = decoded
  const seen = records.length + skipped.length
  const kept = skipped.length === 0 ? undefined : keptOf(seen, skipped)
  return {
    records,
    firstOffset: offsets[kept?.[0] ?? 0] as number,
    lastOffset: offsets[kept?.at(-1) ?? records.length - 1] as number,
    timestamps: kept ? Float64Array.from(kept, i => timestamps[i] as number) : timestamps.slice(0, records.length),
    skipped: skipped.length,
    ...(reason !== undefined && {
      undecodable: { offset: offsets[seen] as number, reason, ...(unknownSchema !== undefined && { unknownSchema }) }
    })
  }
}

/** The indices below `count` without some of them, which ascend. */
function keptOf(count: number, without: readonly number[]): number[] {
  const gone = new Set(without)
  return Array.from({ length: count }, (_, i) => i).filter(i => !gone.has(i))
}
