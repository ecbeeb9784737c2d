import { expect } from 'chai'
import { prefetchSettings } from '../../lib/kafka/prefetch.js'
import { checked } from '../../lib/kafka/settings.js'

const MIB = 1024 * 1024

describe('prefetchSettings', () => {
  const budgets = [64 * 1024, MIB, 256 * MIB, 2 ** 40]
  const counts = [1, 3, 100, 1000, 10_000]

  it('C26: stays within the budget, whether records are large or so small that their overhead counts most', () => {
    for (const partitions of [13, 100, 1000]) {
      const settings = prefetchSettings(256 * MIB, partitions)
      const fetched = settings['fetch.message.max.bytes'] as number
      const large = (settings['queued.max.messages.kbytes'] as number) * 1024 + fetched
      expect(large * partitions, `large, ${partitions} partitions`).to.be.at.most(256 * MIB)
      const bytes = 110
      const small = ((settings['queued.min.messages'] as number) + fetched / bytes) * (bytes + 400)
      expect(small * partitions, `small, ${partitions} partitions`).to.be.at.most(1.3 * 256 * MIB)
    }
  })

  it('lets no answer bring more of a partition than half of its share', () => {
    for (const partitions of [1, 100, 1000]) {
      const settings = prefetchSettings(256 * MIB, partitions)
      expect(settings['fetch.message.max.bytes']).to.be.at.most((256 * MIB) / partitions / 2)
      expect(settings['fetch.message.max.bytes']).to.be.at.most(settings['fetch.max.bytes'] as number)
    }
  })

  it('leaves each partition enough to make progress, however small the budget', () => {
    const settings = prefetchSettings(64 * 1024, 1000)
    expect(settings['queued.max.messages.kbytes']).to.equal(64)
    expect(settings['fetch.message.max.bytes']).to.equal(64 * 1024)
    expect(settings['queued.min.messages']).to.be.at.least(1)
  })

  it('sets nothing but what librdkafka takes, whatever the numbers', () => {
    for (const budget of budgets) {
      for (const partitions of counts) {
        const settings = prefetchSettings(budget, partitions)
        expect(Object.values(settings).every(Number.isInteger), `${budget} for ${partitions}`).to.equal(true)
        expect(checked(settings)).to.deep.equal(settings)
      }
    }
  })
})
