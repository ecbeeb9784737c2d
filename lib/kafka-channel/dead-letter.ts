/** What is written of a record that cannot be decoded: the record as it is, with where it stands and why in headers. */
import type { Message, OutgoingMessage } from '../kafka/index.js'

/** What a dead letter says beside the record. */
export interface DeadLetterNote {
  readonly topic: string
  readonly partition: number
  /** Why it cannot be decoded. */
  readonly reason: string
  /** The reader's name in the status log. */
  readonly reader: string
  /** When the reader met it, in milliseconds since the epoch. */
  readonly time: number
}

/** Before the name of each header of ours. */
const PREFIX = 'millrace.'
/** Of a reason: it must not be what makes a record too large for the topic. */
const LONGEST_REASON = 1000

/** Ours come last: of several headers of one name, Kafka's clients take the last. */
export function deadLetterOf(
  record: Message,
  { topic, partition, reason, reader, time }: DeadLetterNote
): OutgoingMessage {
  const { key, value, headers, offset, timestamp } = record
  const told = { topic, partition, offset, timestamp, reason: reason.slice(0, LONGEST_REASON), reader, time }
  const ours = Object.entries(told).map(([name, text]) => [PREFIX + name, Buffer.from(String(text))] as const)
  return { key, value, headers: [...headers, ...ours] }
}

/** Bytes that it holds while it is not acknowledged. */
export function sizeOf({ key, value, headers }: OutgoingMessage): number {
  const size = (key?.length ?? 0) + (value?.length ?? 0)
  return headers.reduce((sum, [name, { length }]) => sum + name.length + length, size)
}
