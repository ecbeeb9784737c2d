/** What librdkafka puts into a partition's queue in place of a record, by name. */
import { CodecMissingError, type MillraceError, OffsetOutOfRangeError, UndecodableRecordError } from '../errors.js'
import { featureCure, kafkaCode, readError } from '../kafka/index.js'

/** The place in the log that the reader was at. */
interface Place {
  readonly topic: string
  readonly partition: number
  /** The offset it wanted. */
  readonly offset: number
}

/** Kafka's codecs by their number in a batch. */
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** Of a batch that librdkafka cannot take apart. Past some of these it goes on behind the batch by itself. */
const unreadable = new Set<number>([kafkaCode.notImplemented, kafkaCode.badMessage, kafkaCode.badCompression])

/**
 * A BrokerError passes, and the next read may succeed. Any other is a place in the log at which reading cannot go on:
 * the reader stays in front of it, since librdkafka may not.
 *
 * @param error - librdkafka's code and text
 */
export function queueError(place: Place, error: { code: number; message: string }): MillraceError {
  const { topic, partition, offset } = place
  const cause = readError(topic, partition, error)
  if (error.code === kafkaCode.autoOffsetReset || error.code === kafkaCode.offsetOutOfRange) {
    return new OffsetOutOfRangeError(
      topic,
      partition,
      offset,
      `${topic} [${partition}] no longer has the offset this group is at (${offset}): records were removed before ` +
        `they were read (${error.message}). To go on without them, seek() to an offset that the topic has, or open with onOffsetOutOfRange: 'earliest'`,
      { cause }
    )
  }
  if (!unreadable.has(error.code)) return cause
  const number = /^Decompression \(codec 0x([0-9a-f]+)\)/.exec(error.message)?.[1]
  if (error.code !== kafkaCode.notImplemented || number === undefined) {
    return new UndecodableRecordError(topic, partition, offset, `its batch cannot be read: ${error.message}`, { cause })
  }
  const codec = codecs[parseInt(number, 16)] ?? `0x${number}`
  return new CodecMissingError(
    topic,
    partition,
    offset,
    codec,
    `the records of ${topic} [${partition}] from offset ${offset} on are compressed with ${codec}, which this build of ` +
      `librdkafka lacks: ${featureCure(codec) || 'use a newer node-rdkafka'}`,
    { cause }
  )
}
