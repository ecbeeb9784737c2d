/**
 * Schemas and records: parsing, fingerprints, framing, whole batches into a slab and out of one. Knows avsc and
 * nothing of Kafka, so that it works where librdkafka does not.
 */
export type { AvroValue, SchemaLiteral } from './avro-value.js'
export type { LongForm, Schema } from './avsc-type.js'
export { BatchDecoder, type DecodedRecords } from './batch-decoder.js'
export { BatchEncoder, type EncodedBatch } from './batch-encoder.js'
export { type Encoding, encodings } from './framing.js'
export { type DecodeOptions, RecordType } from './record-type.js'
export { SlabPool } from './slab-pool.js'
export { LARGEST_RECORD_DEPTH, type RecordLimits, Walker } from './walker.js'
