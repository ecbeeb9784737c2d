import { expect } from 'chai'
import { StatisticsFeed } from '../../lib/kafka/client-statistics.js'
import { fixture } from '../support/fixtures.js'

describe('StatisticsFeed', () => {
  it('has no values, and is infinitely old, before the first document', () => {
    expect(new StatisticsFeed().snapshot).to.deep.equal({ values: undefined, ageMs: Infinity, dropped: 0 })
  })

  it('C63: drops and counts what cannot be read, and keeps the last values with their age', () => {
    let now = 0
    const feed = new StatisticsFeed(() => now)
    feed.take('{"name":"good"}')
    for (const document of fixture<string>('stats-bad.json').slice(0, 5)) {
      now += 10
      feed.take(document)
    }
    for (const document of [undefined, null, 1, Symbol('none'), {}, []]) feed.take(document)
    expect(feed.snapshot).to.deep.equal({ values: { name: 'good' }, ageMs: 50, dropped: 11 })
  })

  it('C63: takes librdkafka’s marks for what is not known as they are', () => {
    const feed = new StatisticsFeed()
    feed.take(fixture<string>('stats-bad.json')[5])
    expect(feed.snapshot).to.have.nested.property('values.topics.t.partitions.0.hi_offset', -1001)
  })
})
