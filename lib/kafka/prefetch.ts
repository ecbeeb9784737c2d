/**
 * One prefetch budget for the whole process.
 *
 * With a queue of its own for each partition librdkafka's limits count per partition: its defaults of 64 MB and
 * 100,000 records are 64 GB for 1,000 of them. So the budget is divided by the partitions that the client will read.
 */

/** Below this a partition's fetch does not make progress worth its round trip. */
const SMALLEST_FETCH_BYTES = 64 * 1024
const LARGEST_FETCH_BYTES = 1024 * 1024

/** Settings of librdkafka that hold the budget. */
export type PrefetchSettings = Readonly<Record<string, number>>

/**
 * librdkafka keeps about 400 bytes for each record that waits, beside its own, so a fetch of 100-byte records takes
 * four to five times its size in memory. Hence a fetch brings a fifth of a partition's share, and comes when the
 * partition has little left.
 *
 * @param prefetchBytes - for all partitions together
 * @param partitions - how many the client will read
 */
export function prefetchSettings(prefetchBytes: number, partitions: number): PrefetchSettings {
  const share = Math.floor(prefetchBytes / partitions)
  return {
    // A partition that has more than this, or more records than the next, is left out of the next fetch.
    'queued.max.messages.kbytes': Math.min(2_097_151, Math.max(64, Math.floor(share / 2 / 1024))),
    'queued.min.messages': Math.max(64, Math.min(100_000, Math.floor(share / 4096))),
    // What one answer may bring for a partition. Smaller than a writer's batch, it would bring cut off batches that are
    // thrown away (1,000 partitions read at a tenth of the speed).
    'fetch.message.max.bytes': Math.max(SMALLEST_FETCH_BYTES, Math.min(LARGEST_FETCH_BYTES, Math.floor(share / 5))),
    // And for all partitions of a broker together. One answer is on its way while the one before is decoded, so
    // small ones overlap better: at 50 MB, Kafka's default, 1,000 partitions were read at two thirds of the speed.
    'fetch.max.bytes': 8 * 1024 * 1024,
    // A full partition is looked at again after this; the default of 1 s stalls it.
    'fetch.queue.backoff.ms': 1
  }
}
