import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  BrokerError,
  ChannelError,
  ConfigurationError,
  errorCodes,
  MillraceError,
  NativeError,
  OffsetOutOfRangeError,
  RecordError,
  SchemaError,
  TimeoutError,
  UndecodableRecordError,
  WriteError
} from 'millrace'
import { BrokerUnavailableError } from 'millrace/testing'

describe('errors', () => {
  it('are all told in docs/errors.md, and no others', () => {
    const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
    const told = [...text.matchAll(/^\| `(ERR_\w+)`/gm)].map(([, code]) => code)
    expect(told).to.deep.equal([...errorCodes])
  })

  const counts = { acknowledged: 1, failed: 2, unknown: 3 }
  const cause = new Error('below')
  const each: [MillraceError, string][] = [
    [new BrokerError('m', 3, { cause }), 'ERR_MILLRACE_BROKER'],
    [new BrokerUnavailableError('m', { cause }), 'ERR_MILLRACE_BROKER_UNAVAILABLE'],
    [new ChannelError('ERR_MILLRACE_TOPIC_UNFIT', 'm', { cause }), 'ERR_MILLRACE_TOPIC_UNFIT'],
    [new ConfigurationError('setting', 'm', { cause }), 'ERR_MILLRACE_CONFIGURATION'],
    [new NativeError('m', { cause }), 'ERR_MILLRACE_NATIVE_MISSING'],
    [new OffsetOutOfRangeError('t', 0, 1, 'm', { cause }), 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE'],
    [new RecordError('ERR_MILLRACE_RECORD_INVALID', 'm', 1, '/a', 2, { cause }), 'ERR_MILLRACE_RECORD_INVALID'],
    [new SchemaError('ERR_MILLRACE_SCHEMA_INVALID', 'm', { cause }), 'ERR_MILLRACE_SCHEMA_INVALID'],
    [new TimeoutError('something', 10, { cause }), 'ERR_MILLRACE_TIMEOUT'],
    [new UndecodableRecordError('t', 0, 1, 'reason', { cause }), 'ERR_MILLRACE_RECORD_UNDECODABLE'],
    [new WriteError('m', counts, { cause }), 'ERR_MILLRACE_WRITE_FAILED']
  ]
  for (const [error, code] of each) {
    it(`${error.name} has its code, its class's name and its cause`, () => {
      expect(error).to.be.instanceOf(MillraceError).and.instanceOf(Error)
      expect([error.code, error.name, error.cause]).to.deep.equal([code, error.constructor.name, cause])
    })
  }

  it('say what they carry', () => {
    expect(new TimeoutError('the broker', 250)).to.include({
      waitedFor: 'the broker',
      timeoutMs: 250,
      isRetriable: true
    })
    expect(new WriteError('m', counts)).to.include({ ...counts, isFatal: true })
    expect(new BrokerError('m', 7, { isRetriable: true })).to.include({
      kafkaCode: 7,
      isRetriable: true,
      isFatal: false
    })
    expect(new UndecodableRecordError('t', 3, 42, 'why').message)
      .to.contain('42')
      .and.contain('t [3]')
      .and.contain('why')
  })
})
