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
  /** Records that cannot be decoded and were passed over, in their order. */
  readonly passedOver: readonly PassedOver[]
  /** The record at which it ended, if it did before the end of the drain. */
  readonly undecodable?: PassedOver & { readonly offset: number; readonly unknownSchema?: string }
}

interface PassedOver {
  /** Its place in the drain. */
  readonly index: number
  readonly reason: string
}

/**
 * @param count - records in the buffers, of one partition; no error among them
 * @param passes - whether records that cannot be decoded are passed over
 */
export function decodeDrained<T>(
  decoder: BatchDecoder<T>,
  schemas: WriterSchemas,
  { slab, ends, offsets, timestamps, flags }: DrainBuffers,
  count: number,
  passes: boolean
): DecodedDrain<T> {
  // Mostly there is none.
  let passedOver: PassedOver[] = []
  const skip = passes ? (index: number, reason: string): void => void passedOver.push({ index, reason }) : undefined
  let decoded = decoder.decode(slab, ends, count, flags, skip)
  while (decoded.unknownSchema !== undefined && schemas.settle(decoded.unknownSchema)) {
    passedOver = []
    decoded = decoder.decode(slab, ends, count, flags, skip)
  }
  const { records, undecodable: reason, unknownSchema } = decoded
  const seen = records.length + passedOver.length
  const kept = passedOver.length === 0 ? undefined : keptOf(seen, passedOver)
  return {
    records,
    firstOffset: offsets[kept?.[0] ?? 0] as number,
    lastOffset: offsets[kept?.at(-1) ?? records.length - 1] as number,
    timestamps: kept ? Float64Array.from(kept, i => timestamps[i] as number) : timestamps.slice(0, records.length),
    passedOver,
    ...(reason !== undefined && {
      undecodable: {
        index: seen,
        offset: offsets[seen] as number,
        reason,
        ...(unknownSchema !== undefined && { unknownSchema })
      }
    })
  }
}

/** The indices below `count` without some of them, which ascend. */
function keptOf(count: number, without: readonly PassedOver[]): number[] {
  const gone = new Set(without.map(({ index }) => index))
  return Array.from({ length: count }, (_, i) => i).filter(i => !gone.has(i))
}
