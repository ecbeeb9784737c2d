import { expect } from 'chai'
import type { EndState } from '../../lib/channel/index.js'
import type { OutgoingMessage } from '../../lib/kafka/index.js'
import { onOwnBroker } from '../support/brokers.js'
import { ChannelFixture, type WriterOptions } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { firstOffset, makeTopic, putRaw } from '../support/raw.js'
import { append, replay } from '../support/messages.js'
import { asPypz, bytesOf, type Sender, writerSays } from '../support/status-log.js'
import { setTopicConfig, topicConfig } from '../support/topic-config.js'

/** A cleaner that looks all the time, and a cluster whose default is to keep records for half a second. */
const properties = {
  'log.cleaner.backoff.ms': '50',
  'log.retention.ms': '500',
  'log.retention.check.interval.ms': '50',
  'log.initial.task.delay.ms': '50'
}

const SENDERS = 10
/** One hour of them, every 2 s. */
const HEARTBEATS = 1800

onOwnBroker('Kafka channel: the status topics', { properties }, broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  const senders = Array.from({ length: SENDERS }, (_, i): Sender => ({ name: `writer.${i}`, incarnation: `life ${i}` }))
  const says = (status: EndState | 'HealthCheck', state: EndState): OutgoingMessage[] =>
    senders.map(sender => writerSays(channel.channelName, sender, status, state))
  const topic = (side: 'input' | 'output'): string => `${channel.channelName}.${side}.state`

  /** What somebody who opens is told of the writers. */
  async function toldOfWriters(options: WriterOptions = {}): Promise<string[]> {
    const writer = await channel.writer({ name: 'late', ...options })
    const told = writer.peers.filter(({ name }) => name.startsWith('writer.'))
    await writer.close()
    return told.map(({ name, state }) => `${name} ${state}`).sort()
  }

  it('C54: are created with settings that keep each sender’s last messages and little else, the data topic with the user’s', async () => {
    await channel.reader({ topicConfig: { 'retention.ms': '604800000' } })
    const compacted = {
      'cleanup.policy': 'compact',
      'segment.ms': '600000',
      'segment.bytes': '4194304',
      'min.cleanable.dirty.ratio': '0.1',
      'max.compaction.lag.ms': '1200000'
    }
    expect(await topicConfig(broker(), topic('input'))).to.deep.equal(compacted)
    expect(await topicConfig(broker(), topic('output'))).to.deep.equal(compacted)
    expect(await topicConfig(broker(), channel.channelName)).to.deep.equal({ 'retention.ms': '604800000' })
  })

  it('C54: who opens after an hour of heartbeats reads a message for each sender and status, and knows all last states', async () => {
    await (await channel.reader()).close()
    const heartbeats = Array.from({ length: HEARTBEATS }, () => says('HealthCheck', 'Started')).flat()
    await append(broker(), topic('output'), [...says('Opened', 'Opened'), ...says('Started', 'Started'), ...heartbeats])
    // As they are created: what is not compacted is one segment.
    const most = (heartbeats.length * 4_194_304) / bytesOf(heartbeats) + 3 * SENDERS
    expect(most).to.be.below(0.7 * heartbeats.length)
    await eventually(async () => (await replay(broker(), topic('output'))).length < most, {
      timeoutMs: 20_000,
      waitedFor: 'all but one segment to be compacted'
    })
    // That one too, once it is rolled, which the next message does.
    await setTopicConfig(broker(), topic('output'), { 'segment.ms': '1' })
    await append(broker(), topic('output'), says('HealthCheck', 'Started').slice(0, 1))
    await eventually(async () => (await replay(broker(), topic('output'))).length === 3 * SENDERS + 1, {
      timeoutMs: 20_000,
      waitedFor: 'one message for each key, and the segment that is written to'
    })
    expect(new Set((await replay(broker(), topic('output'))).map(({ key }) => String(key)))).to.have.property(
      'size',
      3 * SENDERS
    )
    expect(await toldOfWriters()).to.deep.equal(senders.map(({ name }) => `${name} Started`))
  })

  for (const [encoding, form] of [
    ['single-object', (message: OutgoingMessage) => message],
    ['plain', asPypz]
  ] as const) {
    it(`C54: last states survive the time after which the cluster removes records: ${encoding}`, async () => {
      await (await channel.reader({ encoding })).close()
      await append(broker(), topic('output'), [...says('Opened', 'Opened'), ...says('Closed', 'Closed')].map(form))
      const control = await makeTopic(broker(), 1)
      await putRaw(broker(), control, [Buffer.from('younger than all of them')])
      await eventually(async () => (await firstOffset(broker(), control)) === 1, {
        timeoutMs: 20_000,
        waitedFor: 'the cluster to remove what is older than its retention'
      })
      expect(await toldOfWriters({ encoding })).to.deep.equal(senders.map(({ name }) => `${name} Closed`))
    })
  }
})
