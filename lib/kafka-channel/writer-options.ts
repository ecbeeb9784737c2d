/** What `KafkaChannelWriter.open` takes, and the checks and defaults of it. */
import { hostname } from 'node:os'
import type { AwaitedCounterparts, Key } from '../channel/index.js'
import { refuseLongText, refuseUnlikeText } from '../kafka/index.js'
import {
  type CheckedOptions,
  checkOptions,
  commonOptions,
  type KafkaChannelOptions,
  oneOf,
  refuseUnknown,
  wholeNumber
} from './options.js'
import { HEARTBEAT_MS, PATIENCE_MS } from './reader-options.js'

/** What `KafkaChannelWriter.open` takes. */
export interface KafkaChannelWriterOptions<T> extends KafkaChannelOptions<T> {
  /**
   * The writer's name in the channel's status log; decides at which partition it starts. A writer that is started again
   * goes on under its name. By default one of this process's own.
   */
  readonly name?: string
  /**
   * Bytes that librdkafka holds of this writer at a time; default 16 MiB, and 48 KiB for each partition. `write()`
   * waits while it is full, and calls that are not awaited may wait with twice as much. A record counts as its bytes and
   * 64 more, a call that waits as another 512.
   */
  readonly writeBufferBytes?: number
  /** Records of equal keys go to the same member of the group; default: one partition further with each record. */
  readonly partitionBy?: (record: T) => Key
  /**
   * Which readers `open` waits for, within `timeoutMs`, beside the principal that makes the topics: `none` (default),
   * `one` that is open, or `all` members of the group.
   */
  readonly waitForReaders?: 'none' | 'one' | 'all'
  /** What to do about a reader that is silent for longer than its patience: `fail` (default), or `wait` for it. */
  readonly onPeerLost?: 'fail' | 'wait'
  /** How long a counterpart may be silent before it is lost, in milliseconds; default 120,000. */
  readonly patienceMs?: number
}

const writerOptions = [
  ...commonOptions,
  'name',
  'writeBufferBytes',
  'partitionBy',
  'waitForReaders',
  'onPeerLost',
  'patienceMs'
] as const

/** The options with everything checked and filled in. */
export interface CheckedWriterOptions<T> extends CheckedOptions<T> {
  readonly name: string
  /** Whether the name was given: then another process can be the same writer after this one. */
  readonly isNamed: boolean
  /** Undefined for the default, which depends on the partitions. */
  readonly writeBufferBytes: number | undefined
  readonly partitionBy: ((record: T) => Key) | undefined
  readonly awaited: AwaitedCounterparts
  readonly waitsForLost: boolean
  readonly patienceMs: number
  readonly heartbeatMs: number
}

let opened = 0

/** @throws TypeError, RangeError, ConfigurationError, SchemaError: before anything connects */
export function checkWriterOptions<T>(options: KafkaChannelWriterOptions<T>): CheckedWriterOptions<T> {
  const checked = checkOptions(options)
  refuseUnknown('a writer', options, writerOptions)
  const { writeBufferBytes, partitionBy, patienceMs } = options
  const { name = `${hostname()}.${process.pid}.${++opened}` } = options
  if (typeof name !== 'string' || name === '') throw new TypeError('name must be a text that is not empty')
  refuseUnlikeText('name', name)
  refuseLongText('name', name)
  if (partitionBy !== undefined && typeof partitionBy !== 'function') {
    throw new TypeError('partitionBy must be a function that gives the key of a record')
  }
  const awaited = oneOf('waitForReaders', options.waitForReaders, ['none', 'one', 'all'])
  const onPeerLost = oneOf('onPeerLost', options.onPeerLost, ['fail', 'wait'])
  return {
    ...checked,
    name,
    isNamed: options.name !== undefined,
    writeBufferBytes:
      writeBufferBytes === undefined
        ? undefined
        : wholeNumber('writeBufferBytes', writeBufferBytes, 0, 64 * 1024, 2 ** 40),
    partitionBy,
    awaited,
    waitsForLost: onPeerLost === 'wait',
    patienceMs: wholeNumber('patienceMs', patienceMs, PATIENCE_MS, 1000, 2 ** 31 - 1),
    heartbeatMs: HEARTBEAT_MS
  }
}
