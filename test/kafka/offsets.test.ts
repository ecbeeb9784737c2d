import { expect } from 'chai'
import { BrokerError, TimeoutError } from 'millrace'
import {
  committedOffsets,
  committedWithMetadata,
  type ConsumerClient,
  endOffsets,
  waitForTopic
} from '../../lib/kafka/index.js'
import type { Requests } from '../../lib/kafka/requests.js'
import { onEachBroker } from '../support/brokers.js'
import { consumerClient, makeTopic, within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

onEachBroker('committed offsets', broker => {
  let client: ConsumerClient
  let topic: string
  beforeEach(async () => {
    topic = await makeTopic(broker(), 4)
    client = await consumerClient(broker(), `g.${topic}`)
  })
  afterEach(() => client.close(within()))

  const commit = (partition: number, offset: number, metadata?: string): Promise<void> =>
    client.commits.commit({ topic, partition, offset, leaderEpoch: -1, metadata }, () => true)

  it('come with what was committed along with each: the id of their topic', async () => {
    const { id } = await waitForTopic(client, topic, within())
    await Promise.all([commit(0, 10, id), commit(1, 20, id), commit(2, 30)])
    const committed = await committedWithMetadata(client, topic, [0, 1, 2, 3], within())
    expect([...committed].sort(([one], [other]) => one - other)).to.deep.equal([
      [0, { offset: 10, metadata: id }],
      [1, { offset: 20, metadata: id }],
      [2, { offset: 30, metadata: '' }],
      [3, { offset: -1, metadata: '' }]
    ])
    const offsets = await committedOffsets(client, topic, [0, 3], within())
    expect([offsets.get(0), offsets.get(3)]).to.deep.equal([10, -1])
  })

  it('a later commit replaces what stood beside the offset', async () => {
    await commit(0, 10, 'old')
    await commit(0, 11, 'new')
    expect((await committedWithMetadata(client, topic, [0], within())).get(0)).to.deep.equal({
      offset: 11,
      metadata: 'new'
    })
    await commit(0, 12)
    expect((await committedWithMetadata(client, topic, [0], within())).get(0)).to.deep.equal({
      offset: 12,
      metadata: ''
    })
  })

  it('what stands beside an offset comes as it was given, a NUL and other letters included', async () => {
    for (const metadata of ['a\0b', '\0', 'ключ ü', 'x'.repeat(4096)]) {
      await commit(0, 1, metadata)
      expect((await committedWithMetadata(client, topic, [0], within())).get(0)).to.deep.equal({ offset: 1, metadata })
    }
  })

  it('refuses what no broker could take', async () => {
    expect(await rejection(commit(0, 1, 'x'.repeat(32_768)))).to.be.instanceOf(RangeError)
    if (broker().kind === 'embedded') return
    const error = await rejection(commit(0, 1, 'x'.repeat(4097)))
    expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', 12)
  })
})

describe('offsets that are asked for together', () => {
  it('are asked for again when their common question has had its time, and who waits has more', async () => {
    const waits = ['first', 'second']
    const listOffsets = (): Promise<unknown> => {
      const wait = waits.shift()
      if (wait) return Promise.reject(new TimeoutError(wait, 60_000))
      return Promise.resolve({ code: 0, partitions: [0], offsets: [7] })
    }
    const client = { requests: { listOffsets } as unknown as Requests }
    expect([...(await endOffsets(client, 'a', [0], within()))]).to.deep.equal([[0, 7]])
    expect(waits).to.have.length(0)
  })
})
