import { expect } from 'chai'
import { BrokerError, CodecMissingError, OffsetOutOfRangeError, UndecodableRecordError } from 'millrace'
import { code } from '../../lib/kafka/broker-error.js'
import { queueError } from '../../lib/kafka-channel/queue-error.js'

const place = { topic: 'topic', partition: 3, offset: 42 }

describe('queueError', () => {
  it('names the place of an offset that is gone, and is fatal', () => {
    for (const gone of [code.autoOffsetReset, code.offsetOutOfRange]) {
      const error = queueError(place, { code: gone, message: 'fetch failed' })
      expect(error).to.be.instanceOf(OffsetOutOfRangeError)
      expect(error).to.include({ ...place, isFatal: false })
      expect(error.message).to.contain('topic [3]').and.contain('42').and.contain('fetch failed')
      expect(error.cause).to.be.instanceOf(BrokerError).with.property('kafkaCode', gone)
    }
  })

  it('C34: names the codec that this build lacks, where it was met, and what to install', () => {
    const message = 'Decompression (codec 0x4) of message at 40 of 93 bytes failed: Local: Not implemented'
    const error = queueError(place, { code: code.notImplemented, message })
    expect(error).to.be.instanceOf(CodecMissingError)
    expect(error).to.include({ ...place, codec: 'zstd', isFatal: false })
    expect(error.message).to.contain('topic [3]').and.contain('42').and.contain('zstd').and.contain('libzstd-dev')
    const future = queueError(place, { code: code.notImplemented, message: message.replace('0x4', '0x7') })
    expect(future).to.include({ codec: '0x7' })
  })

  it('C34: takes a batch that is corrupt, or of a newer format, for one that cannot be decoded', () => {
    for (const [number, message] of [
      [code.badMessage, 'MessageSet at offset 40 (93 bytes) failed CRC32C check (original 0x1 != calculated 0x2)'],
      [
        code.badCompression,
        'Decompression (codec 0x2) of message at 40 of 9 bytes failed: Local: Invalid compressed data'
      ],
      [code.notImplemented, 'Unsupported Message(Set) MagicByte 3 at offset 40']
    ] as const) {
      const error = queueError(place, { code: number, message })
      expect(error).to.be.instanceOf(UndecodableRecordError)
      expect(error).to.include(place)
      expect(error.message).to.contain(message)
    }
  })

  it('is what the broker answered in every other case', () => {
    const error = queueError(place, { code: code.topicAuthorizationFailed, message: 'not allowed' })
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', code.topicAuthorizationFailed)
    expect(error.message).to.contain('topic [3]').and.contain('not allowed')
  })
})
