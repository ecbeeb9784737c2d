import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  BrokerError,
  ChannelError,
  CodecMissingError,
  ConfigurationError,
  DeadLetterError,
  errorCodes,
  MillraceError,
  NativeError,
  OffsetOutOfRangeError,
  OffsetsExpiredError,
  RecordError,
  SchemaError,
  TimeoutError,
  UndecodableRecordError,
  WriteError
} from 'millrace'
import { BrokerUnavailableError } from 'millrace/testing'

const cause = new Error('cause')
const withCause = { cause }
const counts = { acknowledged: 1, failed: 2, unknown: 3 }

/** Each class with its name, its code, and the data that it carries. */
const classes: [error: MillraceError, name: string, code: string, fields: object][] = [
  [new BrokerError('m', 3, withCause), 'BrokerError', 'ERR_MILLRACE_BROKER', { kafkaCode: 3 }],
  [new BrokerError('m', -169, withCause), 'BrokerError', 'ERR_MILLRACE_AUTHENTICATION', { kafkaCode: -169 }],
  [new BrokerError('m', 58, withCause), 'BrokerError', 'ERR_MILLRACE_AUTHENTICATION', { kafkaCode: 58 }],
  [new BrokerError('m', -181, withCause), 'BrokerError', 'ERR_MILLRACE_TLS', { kafkaCode: -181 }],
  [new BrokerError('m', 29, withCause), 'BrokerError', 'ERR_MILLRACE_NOT_AUTHORIZED', { kafkaCode: 29 }],
  [new BrokerError('m', 30, withCause), 'BrokerError', 'ERR_MILLRACE_NOT_AUTHORIZED', { kafkaCode: 30 }],
  [new BrokerUnavailableError('m', withCause), 'BrokerUnavailableError', 'ERR_MILLRACE_BROKER_UNAVAILABLE', {}],
  [new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', 'm', withCause), 'ChannelError', 'ERR_MILLRACE_CHANNEL_CLOSED', {}],
  [
    new CodecMissingError('topic', 1, 2, 'zstd', 'm', withCause),
    'CodecMissingError',
    'ERR_MILLRACE_CODEC_MISSING',
    { topic: 'topic', partition: 1, offset: 2, codec: 'zstd' }
  ],
  [
    new ConfigurationError('linger.ms', 'm', withCause),
    'ConfigurationError',
    'ERR_MILLRACE_CONFIGURATION',
    { setting: 'linger.ms' }
  ],
  [new NativeError('m', withCause), 'NativeError', 'ERR_MILLRACE_NATIVE_MISSING', {}],
  [
    new OffsetOutOfRangeError('topic', 1, 2, 'm', withCause),
    'OffsetOutOfRangeError',
    'ERR_MILLRACE_OFFSET_OUT_OF_RANGE',
    { topic: 'topic', partition: 1, offset: 2 }
  ],
  [
    new OffsetsExpiredError('topic', 1, 2, 0, 'm', withCause),
    'OffsetsExpiredError',
    'ERR_MILLRACE_OFFSETS_EXPIRED',
    { topic: 'topic', partition: 1, offset: 2, firstOffset: 0 }
  ],
  [
    new RecordError('ERR_MILLRACE_RECORD_INVALID', 'm', 1, '/a/0', 5, withCause),
    'RecordError',
    'ERR_MILLRACE_RECORD_INVALID',
    { index: 1, path: '/a/0', value: 5 }
  ],
  [new SchemaError('ERR_MILLRACE_SCHEMA_INVALID', 'm', withCause), 'SchemaError', 'ERR_MILLRACE_SCHEMA_INVALID', {}],
  [
    new TimeoutError('a thing', 5, withCause),
    'TimeoutError',
    'ERR_MILLRACE_TIMEOUT',
    { waitedFor: 'a thing', timeoutMs: 5, isRetriable: true }
  ],
  [
    new DeadLetterError('topic', 1, 2, 'a reason', 'topic.dead', cause),
    'DeadLetterError',
    'ERR_MILLRACE_DEAD_LETTER_FAILED',
    { topic: 'topic', partition: 1, offset: 2, reason: 'a reason', deadLetterTopic: 'topic.dead' }
  ],
  [
    new UndecodableRecordError('topic', 1, 2, 'a reason', withCause),
    'UndecodableRecordError',
    'ERR_MILLRACE_RECORD_UNDECODABLE',
    { topic: 'topic', partition: 1, offset: 2, reason: 'a reason' }
  ],
  [new WriteError('m', counts, withCause), 'WriteError', 'ERR_MILLRACE_WRITE_FAILED', { ...counts, isFatal: true }]
]

describe('errors', () => {
  for (const [error, name, code, fields] of classes) {
    it(`${name} has its code, its name, its cause and its data`, () => {
      expect(error).to.be.instanceOf(MillraceError).and.instanceOf(Error)
      expect(error).to.include({ name, code, cause, ...fields })
      expect(errorCodes).to.include(code)
      expect(error.stack).to.match(new RegExp(`^${name}: `))
    })

    it(`${name} is retriable and fatal only where it says so`, () => {
      const { isRetriable = false, isFatal = false } = fields as { isRetriable?: boolean; isFatal?: boolean }
      expect(error).to.include({ isRetriable, isFatal })
    })
  }

  it('of a broker are retriable and fatal when the code that made them says so', () => {
    expect(new BrokerError('m', 3, { isRetriable: true })).to.include({ isRetriable: true, isFatal: false })
    expect(new BrokerError('m', 3, { isFatal: true })).to.include({ isRetriable: false, isFatal: true })
  })

  it('say in the message where a record stands, what was waited for, and what became of the records', () => {
    expect(new UndecodableRecordError('topic', 1, 2, 'a reason').message).to.equal(
      'cannot decode the record at offset 2 of topic [1]: a reason'
    )
    expect(new TimeoutError('a thing', 5).message).to.equal('waited 5 ms for a thing')
    expect(new WriteError('failed', counts).message).to.equal(
      'failed (1 records acknowledged, 2 surely not written, 3 unknown)'
    )
  })

  it('without a cause have none', () => {
    expect(new TimeoutError('a thing', 5)).to.not.have.property('cause')
  })
})

describe('docs/errors.md', () => {
  const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  const rows = text
    .split('\n')
    .filter(line => line.startsWith('| `ERR_'))
    .map(line => line.split('|').map(cell => cell.trim()))

  it('has a row for each code, in their order, and no other', () => {
    expect(rows.map(([, code]) => code?.replaceAll('`', ''))).to.deep.equal([...errorCodes])
  })

  it('says of each what happened and how to solve it', () => {
    for (const [, code, happened, solution] of rows) {
      expect(happened?.length, `what happened: ${code}`).to.be.greaterThan(20)
      expect(solution?.length, `how to solve it: ${code}`).to.be.greaterThan(20)
    }
  })
})
