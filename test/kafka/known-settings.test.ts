import { expect } from 'chai'
import { knownSettings, namedIn, nearest } from '../../lib/kafka/known-settings.js'
import { native } from '../../lib/native/index.js'

describe('knownSettings', () => {
  it('has librdkafka’s settings of clients and topics, with their role and values', () => {
    const known = knownSettings()
    expect(known.get('linger.ms')).to.deep.equal({
      name: 'linger.ms',
      role: 'producer',
      values: '0 .. 900000',
      type: 'float',
      aliasOf: 'queue.buffering.max.ms'
    })
    expect(known.get('isolation.level')?.role).to.equal('consumer')
    expect(known.get('security.protocol')?.role).to.equal(undefined)
    expect(known.get('acks')?.role).to.equal('producer')
    expect(known.size).to.be.above(150)
  })

  it('knows of each what librdkafka takes', () => {
    for (const name of knownSettings().keys()) {
      expect(native().addon.checkSetting(name, 'x').isKnown, name).to.equal(true)
    }
  })
})

describe('namedIn', () => {
  it('finds settings in the order of the text, by any of their names and not as part of another', () => {
    const keys = ['acks', 'max.in.flight', 'linger.ms', 'retries', 'debug']
    expect(namedIn('`max.in.flight.requests.per.connection` for `acks`, retries.', keys)).to.deep.equal([
      'max.in.flight',
      'acks',
      'retries'
    ])
    expect(namedIn('`queue.buffering.max.ms`must be', keys)).to.deep.equal(['linger.ms'])
    expect(namedIn('debugging offset.acks', keys)).to.deep.equal([])
  })

  it('takes the last of two names of one setting, which is what is set', () => {
    expect(namedIn('`linger.ms`', ['linger.ms', 'queue.buffering.max.ms'])).to.deep.equal(['queue.buffering.max.ms'])
  })
})

describe('nearest', () => {
  it('finds the names that differ by a letter or by how words are joined, the nearest first', () => {
    const names = ['linger.ms', 'batch.size', 'fetch.min.bytes', 'fetch.max.bytes', 'acks']
    expect(nearest('lingerMs', names)).to.deep.equal(['linger.ms'])
    expect(nearest('BATCH_SIZE', names)).to.deep.equal(['batch.size'])
    expect(nearest('fetch.min.byte', names)).to.deep.equal(['fetch.min.bytes'])
    expect(nearest('fetch.mix.bytes', names)).to.deep.equal(['fetch.max.bytes', 'fetch.min.bytes'])
    expect(nearest('ack', names)).to.deep.equal(['acks'])
  })

  it('finds none where nothing is like it', () => {
    for (const name of ['foo.bar', '', '.', 'x'.repeat(10_000)])
      expect(nearest(name, ['linger.ms', 'acks'])).to.deep.equal([])
  })
})
