/**
 * One prefetch budget for the whole process.
 *
 * With a queue of its own for each partition librdkafka's limits count per partition: its defaults of 64 MB and
 * 100,000 records are 64 GB for 1,000 of them. So the budget is divided by the partitions that the client will read.
 */

/** Memory that librdkafka keeps for each record waiting in a queue, beside its bytes. Measured with 2.12. */
const RECORD_OVERHEAD_BYTES = 400
/** Below this a partition's fetch does not make progress worth its round trip. */
const SMALLEST_SHARE_BYTES = 64 * 1024

/** Settings of librdkafka that hold the budget. */
export type PrefetchSettings = Readonly<Record<string, number>>

/**
 * @param prefetchBytes - for all partitions together
 * @param partitions - how many the client will read
 */
export function prefetchSettings(prefetchBytes: number, partitions: number): PrefetchSettings {
  const share = Math.max(SMALLEST_SHARE_BYTES, Math.floor(prefetchBytes / partitions))
  return {
    'queued.max.messages.kbytes': Math.min(2097151, Math.floor(share / 1024)),
    // librdkafka fetches while it has fewer records than this: a bound on the overhead of small ones.
    'queued.min.messages': Math.max(1, Math.min(100_000, Math.floor(share / RECORD_OVERHEAD_BYTES))),
    // What one answer may bring for a partition: it overshoots the bound above by up to this. Smaller than a writer's
    // batch, it would bring cut off batches that are thrown away (1,000 partitions read at a tenth of the speed).
    'fetch.message.max.bytes': Math.min(1024 * 1024, Math.max(SMALLEST_SHARE_BYTES, Math.floor(share / 2))),
    // And for all partitions of a broker together. One answer is on its way while the one before is decoded, so
    // small ones overlap better: at 50 MB, Kafka's default, 1,000 partitions were read at two thirds of the speed.
    'fetch.max.bytes': 8 * 1024 * 1024,
    // A full partition is looked at again after this; the default of 1 s stalls it.
    'fetch.queue.backoff.ms': 1
  }
}
