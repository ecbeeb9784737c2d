/** What librdkafka puts into a partition's queue in place of a record, by name. */
import { type MillraceError, OffsetOutOfRangeError } from '../errors.js'
import { brokerError, kafkaCode } from '../kafka/index.js'

/** The place in the log that the reader was at. */
interface Place {
  readonly topic: string
  readonly partition: number
  /** The offset it wanted. */
  readonly offset: number
}

/** @param error - librdkafka's code and text */
export function queueError(place: Place, error: { code: number; message: string }): MillraceError {
  const { topic, partition, offset } = place
  const cause = brokerError(`reading ${topic} [${partition}]`, error)
  if (error.code !== kafkaCode.autoOffsetReset && error.code !== kafkaCode.offsetOutOfRange) return cause
  return new OffsetOutOfRangeError(
    topic,
    partition,
    offset,
    `${topic} [${partition}] no longer has the offset this group is at (${offset}): records were removed before ` +
      `they were read (${error.message}). To go on without them, seek() to an offset that the topic has`,
    { cause }
  )
}
