/**
 * Schemas and records: parsing, fingerprints, framing, whole batches into a slab and out of one. Knows avsc and
 * nothing of Kafka, so that it works where the addon does not.
 */
export type { Schema } from './avsc-type.js'
export { BatchDecoder, type DecodedRecords } from './batch-decoder.js'
export { BatchEncoder, type EncodedBatch } from './batch-encoder.js'
export { type Encoding, encodings } from './framing.js'
export { RecordType } from './record-type.js'
export { SlabPool } from './slab-pool.js'
