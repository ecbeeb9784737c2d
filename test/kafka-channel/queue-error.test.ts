import { expect } from 'chai'
import { BrokerError, OffsetOutOfRangeError } from 'millrace'
import { code } from '../../lib/kafka/broker-error.js'
import { queueError } from '../../lib/kafka-channel/queue-error.js'

const place = { topic: 'topic', partition: 3, offset: 42 }

describe('queueError', () => {
  it('names the place of an offset that is gone, and is fatal', () => {
    for (const gone of [code.autoOffsetReset, code.offsetOutOfRange]) {
      const error = queueError(place, { code: gone, message: 'fetch failed' })
      expect(error).to.be.instanceOf(OffsetOutOfRangeError)
      expect(error).to.include({ ...place, isFatal: true })
      expect(error.message).to.contain('topic [3]').and.contain('42').and.contain('fetch failed')
      expect(error.cause).to.be.instanceOf(BrokerError).with.property('kafkaCode', gone)
    }
  })

  it('is what the broker answered in every other case', () => {
    const error = queueError(place, { code: code.topicAuthorizationFailed, message: 'not allowed' })
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', code.topicAuthorizationFailed)
    expect(error.message).to.contain('topic [3]').and.contain('not allowed')
  })
})
