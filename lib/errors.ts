/**
 * Every error that a correct program can still meet, and its code.
 *
 * Wrong arguments are not here: they are `TypeError` and `RangeError`, to be fixed and not caught. An aborted call
 * rejects with its signal's reason.
 */

/** Every code we throw. `docs/errors.md` says for each what happened and what to do; a test compares the two lists. */
export const errorCodes = [
  'ERR_MILLRACE_AUTHENTICATION',
  'ERR_MILLRACE_BROKER',
  'ERR_MILLRACE_BROKER_UNAVAILABLE',
  'ERR_MILLRACE_BUFFER_FULL',
  'ERR_MILLRACE_CHANNEL_CLOSED',
  'ERR_MILLRACE_CODEC_MISSING',
  'ERR_MILLRACE_CONFIGURATION',
  'ERR_MILLRACE_DEAD_LETTER_FAILED',
  'ERR_MILLRACE_END_OF_DATA',
  'ERR_MILLRACE_GROUP_SIZE',
  'ERR_MILLRACE_INTERNAL',
  'ERR_MILLRACE_MEMBER_OPEN',
  'ERR_MILLRACE_NATIVE_MISSING',
  'ERR_MILLRACE_NOT_AUTHORIZED',
  'ERR_MILLRACE_OFFSETS_EXPIRED',
  'ERR_MILLRACE_OFFSET_OUT_OF_RANGE',
  'ERR_MILLRACE_PEER_FAILED',
  'ERR_MILLRACE_PEER_LOST',
  'ERR_MILLRACE_RECORD_INVALID',
  'ERR_MILLRACE_RECORD_TOO_LARGE',
  'ERR_MILLRACE_RECORD_UNDECODABLE',
  'ERR_MILLRACE_SCHEMA_INCOMPATIBLE',
  'ERR_MILLRACE_SCHEMA_INVALID',
  'ERR_MILLRACE_SUPERSEDED',
  'ERR_MILLRACE_TIMEOUT',
  'ERR_MILLRACE_TLS',
  'ERR_MILLRACE_TOPIC_REPLACED',
  'ERR_MILLRACE_TOPIC_UNFIT',
  'ERR_MILLRACE_WRITE_FAILED'
] as const

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number]

/** Base of every error of this library. Match on `code`: it is stable, the message is for people. */
export class MillraceError extends Error {
  /** Whether the same call may succeed when it is made again; `false` unless the code that threw it knows. */
  readonly isRetriable: boolean = false
  /** Whether the object that threw it is of no further use, except to be closed. */
  readonly isFatal: boolean = false

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

/** An option or a Kafka setting that cannot be used; thrown before anything connects. */
export class ConfigurationError extends MillraceError {
  /**
   * @param setting - the option's or setting's name
   * @param message - what is wrong with it and what to do
   */
  constructor(
    readonly setting: string,
    message: string,
    options?: ErrorOptions
  ) {
    super('ERR_MILLRACE_CONFIGURATION', message, options)
  }
}

/** The native addon, or node-rdkafka's, is missing or cannot be loaded. */
export class NativeError extends MillraceError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_MILLRACE_NATIVE_MISSING', message, options)
  }
}

/** A schema that is not valid Avro, or two that cannot be resolved with one another. */
export class SchemaError extends MillraceError {
  constructor(
    code: 'ERR_MILLRACE_SCHEMA_INVALID' | 'ERR_MILLRACE_SCHEMA_INCOMPATIBLE',
    message: string,
    options?: ErrorOptions
  ) {
    super(code, message, options)
  }
}

/** A record that cannot be written. Nothing of its batch was sent. */
export class RecordError extends MillraceError {
  /**
   * @param index - the record's index in the batch that was passed
   * @param path - where in the record, as `/field/0/field`; empty for the record itself
   * @param value - the value that was met there
   */
  constructor(
    code: 'ERR_MILLRACE_RECORD_INVALID' | 'ERR_MILLRACE_RECORD_TOO_LARGE',
    message: string,
    readonly index: number,
    readonly path: string,
    readonly value: unknown,
    options?: ErrorOptions
  ) {
    super(code, message, options)
  }
}

/** A record in the log that is not what its schema says. Where it stands is in the fields. */
export class UndecodableRecordError extends MillraceError {
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly offset: number,
    readonly reason: string,
    options?: ErrorOptions
  ) {
    super(
      'ERR_MILLRACE_RECORD_UNDECODABLE',
      `cannot decode the record at offset ${offset} of ${topic} [${partition}]: ${reason}`,
      options
    )
  }
}

/** A record that cannot be decoded could not be written to the topic of dead letters. The reader stands at it. */
export class DeadLetterError extends MillraceError {
  override readonly isFatal: boolean
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly offset: number,
    /** Why the record cannot be decoded. */
    readonly reason: string,
    /** Where it should have been written. */
    readonly deadLetterTopic: string,
    override readonly cause: Error
  ) {
    super(
      'ERR_MILLRACE_DEAD_LETTER_FAILED',
      `cannot write the record at offset ${offset} of ${topic} [${partition}], which cannot be decoded (${reason}), to ` +
        `${deadLetterTopic}: ${cause.message}`,
      { cause }
    )
    this.isFatal = cause instanceof MillraceError && cause.isFatal
  }
}

/** The next records are compressed with a codec that this build of librdkafka lacks. The reader stays in front of them. */
export class CodecMissingError extends MillraceError {
  constructor(
    readonly topic: string,
    readonly partition: number,
    /** Of the first record that cannot be read. */
    readonly offset: number,
    /** Its name, such as `zstd`. */
    readonly codec: string,
    message: string,
    options?: ErrorOptions
  ) {
    super('ERR_MILLRACE_CODEC_MISSING', message, options)
  }
}

/** Something about a channel or its topic that keeps an end of it from working. */
export class ChannelError extends MillraceError {
  constructor(
    code:
      | 'ERR_MILLRACE_BUFFER_FULL'
      | 'ERR_MILLRACE_CHANNEL_CLOSED'
      | 'ERR_MILLRACE_END_OF_DATA'
      | 'ERR_MILLRACE_GROUP_SIZE'
      | 'ERR_MILLRACE_INTERNAL'
      | 'ERR_MILLRACE_MEMBER_OPEN'
      | 'ERR_MILLRACE_PEER_FAILED'
      | 'ERR_MILLRACE_PEER_LOST'
      | 'ERR_MILLRACE_SUPERSEDED'
      | 'ERR_MILLRACE_TOPIC_REPLACED'
      | 'ERR_MILLRACE_TOPIC_UNFIT',
    message: string,
    options?: ErrorOptions
  ) {
    super(code, message, options)
  }
}

/** The records that a reader wants next are gone from the log: retention, deletion or truncation took them. */
export class OffsetOutOfRangeError extends MillraceError {
  constructor(
    readonly topic: string,
    readonly partition: number,
    /** The offset that the reader wanted. */
    readonly offset: number,
    message: string,
    options?: ErrorOptions
  ) {
    super('ERR_MILLRACE_OFFSET_OUT_OF_RANGE', message, options)
  }
}

/** A group had committed in a partition, as its status messages tell, and Kafka has forgotten it. */
export class OffsetsExpiredError extends MillraceError {
  constructor(
    readonly topic: string,
    readonly partition: number,
    /** Before which everything was committed, as far as the status messages tell. */
    readonly offset: number,
    /** Of the first record that the log still has. */
    readonly firstOffset: number,
    message: string,
    options?: ErrorOptions
  ) {
    super('ERR_MILLRACE_OFFSETS_EXPIRED', message, options)
  }
}

/** What became of the records of a writer, each counted once. */
export interface WriteCounts {
  /** In the log, on as many brokers as `acks` demands. */
  readonly acknowledged: number
  /** Surely not in the log. */
  readonly failed: number
  /** Sent, but no answer was seen: they may be in the log. */
  readonly unknown: number
}

/**
 * A record of the writer failed for good, or closing could not wait for all acknowledgements. The writer accepts
 * nothing more; records written after the failed one may stand in the log.
 */
export class WriteError extends MillraceError implements WriteCounts {
  override readonly isFatal = true
  readonly acknowledged: number
  readonly failed: number
  readonly unknown: number
  constructor(message: string, counts: WriteCounts, options?: ErrorOptions) {
    const { acknowledged, failed, unknown } = counts
    super(
      'ERR_MILLRACE_WRITE_FAILED',
      `${message} (${acknowledged} records acknowledged, ${failed} surely not written, ${unknown} unknown)`,
      options
    )
    this.acknowledged = acknowledged
    this.failed = failed
    this.unknown = unknown
  }
}

/** The errors of security among Kafka's numbers, and librdkafka's, which are negative. */
const securityCodes = new Map<number, ErrorCode>([
  [-181, 'ERR_MILLRACE_TLS'],
  [-169, 'ERR_MILLRACE_AUTHENTICATION'],
  // A SASL mechanism that the broker does not have, and credentials that it refuses.
  [33, 'ERR_MILLRACE_AUTHENTICATION'],
  [58, 'ERR_MILLRACE_AUTHENTICATION'],
  // For a topic, a group, the cluster, and an id of transactions.
  [29, 'ERR_MILLRACE_NOT_AUTHORIZED'],
  [30, 'ERR_MILLRACE_NOT_AUTHORIZED'],
  [31, 'ERR_MILLRACE_NOT_AUTHORIZED'],
  [53, 'ERR_MILLRACE_NOT_AUTHORIZED']
])

/**
 * What librdkafka or a broker answered. Its code is `ERR_MILLRACE_BROKER`, or where that was about security
 * `ERR_MILLRACE_TLS`, `ERR_MILLRACE_AUTHENTICATION` or `ERR_MILLRACE_NOT_AUTHORIZED`.
 */
export class BrokerError extends MillraceError {
  override readonly isRetriable: boolean
  override readonly isFatal: boolean
  /**
   * @param message - what was being done, and what was answered
   * @param kafkaCode - librdkafka's error code: Kafka's own where positive, local where negative
   */
  constructor(
    message: string,
    readonly kafkaCode: number,
    options: ErrorOptions & { isRetriable?: boolean; isFatal?: boolean } = {}
  ) {
    super(securityCodes.get(kafkaCode) ?? 'ERR_MILLRACE_BROKER', message, options)
    this.isRetriable = options.isRetriable ?? false
    this.isFatal = options.isFatal ?? false
  }
}

/** A wait came to its deadline. */
export class TimeoutError extends MillraceError {
  /** False where what was asked for goes on without the caller: a batch would be written twice. */
  override readonly isRetriable: boolean
  /** @param waitedFor - what did not happen, as a noun: `the acknowledgement of 10 records` */
  constructor(
    readonly waitedFor: string,
    readonly timeoutMs: number,
    options: ErrorOptions & { isRetriable?: boolean } = {}
  ) {
    super('ERR_MILLRACE_TIMEOUT', `waited ${timeoutMs} ms for ${waitedFor}`, options)
    this.isRetriable = options.isRetriable ?? true
  }
}
