import { expect } from 'chai'
import { BrokerError, ChannelError, KafkaChannelReader, KafkaChannelWriter, TimeoutError } from 'millrace'
import { topicExists } from '../../lib/kafka/index.js'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import { ChannelFixture, type Item, items, itemSchema, readCount } from '../support/channel-fixture.js'
import { rejection } from '../support/rejection.js'
import { makeChannel, makeTopic, producerClient, within } from '../support/raw.js'

export function openingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  it('members open together on a topic that had too few partitions, when the principal has added them', async function () {
    needs(this, broker(), 'add-partitions')
    const channelName = await makeTopic(broker(), 1)
    const opening = [0, 1, 2].map(index => channel.reader({ channelName, group: { name: 'group', index, size: 3 } }))
    const readers = await Promise.all(opening)
    expect(readers.map(({ partitions }) => partitions)).to.deep.equal([[0], [1], [2]])
  })

  it('gives each member of a group the partition of its index, in a topic that the principal made', async () => {
    const { readers } = await channel.open(5)
    expect(readers.map(reader => reader.partitions)).to.deep.equal([[0], [1], [2], [3], [4]])
  })

  it('opens the members in any order: the others wait for the principal', async () => {
    const replica = channel.reader({ group: { index: 1, size: 2 } })
    const principal = await channel.reader({ group: { index: 0, size: 2 } })
    expect([principal.partitions, (await replica).partitions]).to.deep.equal([[0], [1]])
  })

  it('lets a member read the partitions of members that a smaller group no longer has', async () => {
    const { writer, readers } = await channel.open(5)
    await writer.write(items(10))
    await writer.flush()
    await Promise.all(readers.map(reader => reader.close()))
    const member = await channel.reader({ group: { name: 'smaller', index: 1, size: 2 } })
    expect(member.partitions).to.deep.equal([1, 3])
    expect(await readCount(member, 4)).to.have.length(4)
  })

  it('refuses a topic with fewer partitions than the group has members, and names both counts, where nobody may add any', async () => {
    const channelName = await makeChannel(broker(), 2)
    const group = { index: 0, size: 3 }
    const error = await rejection(channel.reader({ channelName, resources: 'existing', group }))
    expect(error).to.be.instanceOf(ChannelError).with.property('code', 'ERR_MILLRACE_TOPIC_UNFIT')
    expect(error.message).to.contain('2 partitions').and.contain('3 members')
  })

  it('adds partitions to a topic with fewer than the group has members', async function () {
    needs(this, broker(), 'add-partitions')
    const channelName = await makeTopic(broker(), 2)
    const principal = await channel.reader({ channelName, group: { index: 0, size: 3 } })
    const last = await channel.reader({ channelName, group: { index: 2, size: 3 } })
    expect([principal.partitions, last.partitions]).to.deep.equal([[0], [2]])
  })

  it('refuses to open a member twice in one process, and leaves the first one as it is', async () => {
    const { writer, readers } = await channel.open(1)
    const error = await rejection(channel.reader({ group: { name: 'group', index: 0, size: 1 } }))
    expect(error).to.have.property('code', 'ERR_MILLRACE_MEMBER_OPEN')
    await writer.write(items(3))
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 3)).to.have.length(3)
  })

  it('opens a member again after it was closed', async () => {
    const first = await channel.reader()
    await first.close()
    const second = await channel.reader()
    expect(second.partitions).to.deep.equal([0])
  })

  it('refuses more replicas than there are brokers, with their number', async () => {
    for (const topicReplicationFactor of [30, 10_000]) {
      const error = await rejection(channel.reader({ topicReplicationFactor }))
      expect(error).to.be.instanceOf(BrokerError).with.property('kafkaCode', 38)
      expect(error.message)
        .to.contain(`with ${topicReplicationFactor} replicas`)
        .and.match(/replication factor/i)
    }
  })

  it('keeps the clients of one process apart, however long their client id is', async () => {
    const clientId = 'c'.repeat(100)
    const readers = [
      await channel.reader({ clientId, group: { name: 'one' } }),
      await channel.reader({ clientId, group: { name: 'two' } })
    ]
    const writer = await channel.writer({ clientId })
    await writer.write(items(3))
    await writer.flush()
    for (const reader of readers) expect(await readCount(reader, 3)).to.have.length(3)
  })

  it('lets two groups read the same channel, each all of it', async () => {
    const one = await channel.reader({ group: { name: 'one' } })
    const two = await channel.reader({ group: { name: 'two' } })
    const writer = await channel.writer()
    await writer.write(items(20))
    expect(await readCount(one, 20)).to.deep.equal(await readCount(two, 20))
  })

  it('a writer waits for the topic until its deadline, names it, and does not create it', async () => {
    const error = await rejection(channel.writer({ timeoutMs: 700 }))
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain(channel.channelName)
    const client = await producerClient(broker())
    try {
      expect(await topicExists(client, channel.channelName, within())).to.equal(false)
    } finally {
      await client.close()
    }
  })

  it('an aborted open rejects with the reason of the signal', async () => {
    const abort = new AbortController()
    const opening = rejection(channel.writer({ signal: abort.signal }))
    const reason = new Error('changed my mind')
    abort.abort(reason)
    expect(await opening).to.equal(reason)
  })

  it('refuses bad options by name before anything connects', async () => {
    const options = { ...channel.common, location: '127.0.0.1:1' }
    const bad: [object, string][] = [
      [{ channelName: 'not a topic' }, 'channelName'],
      [{ channelName: '..' }, 'channelName'],
      [{ schema: '{"type":"nothing"}' }, 'schema'],
      [{ encoding: 'xml' }, 'encoding'],
      [{ channelConfig: { 'group.id': 'mine' } }, 'group.id'],
      [{ channelConfig: { 'enable.auto.commit': true } }, 'enable.auto.commit'],
      [{ channelConfig: { 'no.such.setting': 1 } }, 'no.such.setting'],
      [{ channelConfig: { 'linger.ms': 'soon' } }, 'linger.ms'],
      [{ timeoutMs: 0 }, 'timeoutMs'],
      [{ location: '' }, 'location'],
      [{ location: 'embedded' }, "'embedded:'"],
      [{ location: 'kafka://localhost:9092' }, 'host:port'],
      [{ maxBatchRecrods: 3 }, 'maxBatchRecrods'],
      [{ clientId: 5 }, 'clientId'],
      [{ channelConfig: { 'plugin.library.paths': 'no-such-plugin' } }, 'no-such-plugin'],
      [{ channelConfig: ['linger.ms'] }, 'channelConfig'],
      [{ channelConfig: { 'security.protocol': 'sasl_plaintext', 'sasl.mechanism': 'PLAIN' } }, 'sasl.username'],
      [{ channelConfig: { 'security.protocol': 'ssl', 'ssl.ca.location': '/no/such.pem' } }, 'ssl.ca.location']
    ]
    for (const [option, name] of bad) {
      const error = await rejection(KafkaChannelReader.open({ ...options, ...option }))
      expect(error.message, JSON.stringify(option)).to.contain(name)
      expect(await rejection(KafkaChannelWriter.open({ ...options, ...option }))).to.have.property('message')
    }
    expect((await rejection(KafkaChannelWriter.open({ ...options, name: 5 as never }))).message).to.contain('name')
    for (const [option, name] of [
      [{ writerSchemas: 'abc' }, 'writerSchemas'],
      [{ group: [] }, 'group']
    ] as const) {
      expect((await rejection(KafkaChannelReader.open({ ...options, ...option } as never))).message).to.contain(name)
    }
    for (const group of [{ index: 2, size: 2 }, { index: -1 }, { size: 0 }, { index: 0.5 }]) {
      expect(await rejection(KafkaChannelReader.open({ ...options, schema: itemSchema, group }))).to.be.instanceOf(
        RangeError
      )
    }
  })
}
