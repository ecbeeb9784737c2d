import { expect } from 'chai'
import { ChannelObserver, type ChannelSnapshot, type EndSnapshot, type KafkaChannelReader } from 'millrace'
import { createTopic, deleteTopic, type OutgoingMessage } from '../../lib/kafka/index.js'
import { removeChannel } from '../../lib/kafka-channel/index.js'
import type { BrokerUnderTest } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { append } from '../support/messages.js'
import { endOffset, makeChannel, makeTopic, setCommitted, within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'
import { asPypz, inGroup, writerSays } from '../support/status-log.js'

/** What somebody sees of a channel who has no end in it. */
export function observingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  let observer: ChannelObserver
  beforeEach(async () => {
    channel = new ChannelFixture(broker)
    observer = await ChannelObserver.open({ location: broker().bootstrapServers, timeoutMs: 20_000 })
  })
  afterEach(async () => {
    await observer.close()
    await channel.close()
  })

  async function look(name = channel.channelName): Promise<ChannelSnapshot> {
    const [seen, ...others] = await observer.look([name], { timeoutMs: 20_000 })
    if (!seen || others.length > 0) throw new Error(`${name} and nothing else was to be seen`)
    return seen
  }

  const shown = ({ name, state, isLost }: EndSnapshot): string => `${name} ${isLost ? 'lost' : state}`

  it('sees members with their partitions and what they have not committed, and writers with their ends', async () => {
    const { readers, writer } = await channel.open(3)
    await writer.write(items(30))
    await writer.flush()
    const first = readers[0] as KafkaChannelReader<Item>
    await readCount(first, 10)
    await first.commit()
    const open = await look()
    expect(open).to.deep.include({
      missingTopics: [],
      partitions: 3,
      records: 30,
      unreadRecords: 20,
      deadLetters: null
    })
    expect(open.problems).to.deep.equal([])
    expect(open.groups).to.have.length(1)
    expect(open.groups[0]).to.deep.include({ name: 'group', size: 3, groupIds: [`group.${channel.channelName}`] })
    expect(open.groups[0]?.members.map(shown)).to.deep.equal(['group Started', 'group.1 Started', 'group.2 Started'])
    expect(open.groups[0]?.members.map(({ partitions, unreadRecords }) => [partitions, unreadRecords])).to.deep.equal([
      [[0], 0],
      [[1], 10],
      [[2], 10]
    ])
    await writer.close()
    const closed = await look()
    expect(closed.writers.map(shown)).to.deep.equal(['test Closed'])
    expect(closed.writers[0]?.ends).to.deep.equal({ 0: 10, 1: 10, 2: 10 })
  })

  it('is plain data, the same as JSON', async () => {
    const { writer } = await channel.open(1)
    await writer.close()
    const seen = await look()
    expect(JSON.parse(JSON.stringify(seen))).to.deep.equal(seen)
  })

  it('writes nothing, and is no end to those that are there', async () => {
    const { writer } = await channel.open(1)
    await look()
    const ends = async (): Promise<(number | undefined)[]> =>
      await Promise.all(['', '.output.state'].map(suffix => endOffset(broker(), channel.channelName + suffix)))
    const peers = writer.peers.map(({ name }) => name)
    const [data] = await ends()
    await look()
    expect((await ends())[0]).to.equal(data)
    expect(writer.peers.map(({ name }) => name)).to.deep.equal(peers)
  })

  it('tells at the first look who has been silent for long, by the times of their messages', async () => {
    const name = await makeChannel(broker(), 1)
    const ghost = { name: 'ghost', incarnation: 'a', heartbeatMs: 100 }
    await append(broker(), `${name}.output.state`, [writerSays(name, ghost, 'Started', 'Started')])
    const open = { location: broker().bootstrapServers, timeoutMs: 20_000 }
    await using impatient = await ChannelObserver.open({ ...open, patienceMs: 1 })
    await within().pause(450, 'the ghost to be silent for longer than four of its heartbeats')
    expect((await impatient.look([name]))[0]?.writers.map(shown)).to.deep.equal(['ghost lost'])
    const seen = await look(name)
    expect(seen.writers.map(shown)).to.deep.equal(['ghost Started'])
    expect(seen.writers[0]?.silentMs).to.be.within(400, 20_000)
    expect(seen.writers[0]?.stateMs, 'as it says itself').to.be.within(3_600_000, 3_630_000)
  })

  it('says why an end has failed, and because of whom', async () => {
    const { readers } = await channel.open(1, { reader: { patienceMs: 1000 } })
    const ghost = { name: 'ghost', incarnation: 'a', heartbeatMs: 100 }
    const says = (['Opened', 'Started'] as const).map(state => writerSays(channel.channelName, ghost, state, state))
    await append(broker(), `${channel.channelName}.output.state`, says)
    const error = (await rejection((readers[0] as KafkaChannelReader<Item>).read({ timeoutMs: 20_000 }))) as Error
    const member = async (): Promise<EndSnapshot | undefined> => (await look()).groups[0]?.members[0]
    await eventually(async () => (await member())?.state === 'Error', {
      timeoutMs: 10_000,
      waitedFor: 'the last word of the reader'
    })
    expect(await member()).to.include({ name: 'group', error: error.message, blames: 'ghost' })
  })

  it('sees ends of pypz, whose messages have no report', async () => {
    const name = await makeChannel(broker(), 2)
    const sender = { name: 'op.port', incarnation: 'a' }
    const says = (['Opened', 'Started'] as const).map(state => asPypz(writerSays(name, sender, state, state)))
    await append(broker(), `${name}.output.state`, says)
    await append(broker(), `${name}.input.state`, says)
    await setCommitted(broker(), `op.port.${name}`, name, 0)
    const seen = await look(name)
    expect(seen.writers.map(shown)).to.deep.equal(['op.port Started'])
    expect(seen.groups).to.have.length(1)
    expect(seen.groups[0]).to.deep.include({ name: null, size: 1, groupIds: [`op.port.${name}`], unreadRecords: 0 })
    expect(seen.groups[0]?.members.map(({ partitions }) => partitions)).to.deep.equal([[0, 1]])
  })

  it('counts what each member of a group mode has not read for itself', async () => {
    const member = (index: number): Promise<KafkaChannelReader<Item>> =>
      channel.reader({ group: { name: 'all', index, size: 2 }, groupMode: true })
    const [writer, first] = await Promise.all([channel.writer(), member(0), member(1)])
    await writer.write(items(5))
    await writer.flush()
    await readCount(first, 5)
    await first.commit()
    const [group] = (await look()).groups
    expect(group?.members.map(({ partitions, unreadRecords }) => [partitions, unreadRecords])).to.deep.equal([
      [[0], 0],
      [[0], 5]
    ])
    expect(group?.unreadRecords).to.equal(5)
  })

  it('takes an offset that was committed in another topic of the same name for none', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(4))
    await writer.flush()
    await readCount(readers[0] as KafkaChannelReader<Item>, 4)
    await readers[0]?.commit()
    expect((await look()).unreadRecords).to.equal(0)
    await setCommitted(broker(), `group.${channel.channelName}`, channel.channelName, 3, 'the id of another')
    expect((await look()).unreadRecords).to.equal(4)
  })

  it('lists the channels of a cluster by name, those of which one topic is missing too, and no other topic', async () => {
    const [whole, half, alone] = [
      await makeChannel(broker(), 1),
      await makeTopic(broker(), 1),
      await makeTopic(broker(), 1)
    ]
    const plan = { partitions: 1, topicReplicationFactor: -1 }
    await createTopic(broker(), { ...plan, topic: `${half}.input.state` }, within())
    await createTopic(broker(), { ...plan, topic: `${alone}.no.channel.output.state` }, within())
    const all = await observer.look(undefined, { timeoutMs: 20_000 })
    const names = all.map(({ channelName }) => channelName)
    expect(names)
      .to.include.members([whole, half])
      .and.not.include.members([alone, `${alone}.no.channel`])
    expect(names).to.deep.equal([...names].sort())
    expect(all.find(({ channelName }) => channelName === half)?.missingTopics).to.deep.equal([`${half}.output.state`])
    expect(await observer.look([alone])).to.deep.equal([])
  })

  it('asks for nothing under the name of a group that Kafka cannot have, and says so at once', async () => {
    const name = await makeChannel(broker(), 1)
    const says = (groupName: string): OutgoingMessage =>
      inGroup(writerSays(name, { name: `of ${groupName.length}`, incarnation: 'x' }, 'Started', 'Started'), groupName)
    await append(broker(), `${name}.input.state`, [says('x'.repeat(40_000)), says('zero \0'), says('good')])
    const started = performance.now()
    const { groups, problems } = await look(name)
    expect(performance.now() - started).to.be.below(10_000)
    expect(groups.map(({ unreadRecords }) => unreadRecords)).to.have.members([null, null, 0])
    const texts = problems.map(({ message }) => message)
    expect(texts).to.have.length(2)
    expect(texts.join()).to.contain('40042 bytes as UTF-8').and.contain('a zero character')
  })

  it('goes on at the next look, and begins anew when it is another channel under the same name', async () => {
    const { writer } = await channel.open(1)
    expect((await look()).writers.map(shown)).to.deep.equal(['test Started'])
    await writer.close()
    expect((await look()).writers.map(shown)).to.deep.equal(['test Closed'])
    await channel.close()
    await channel.deleteTopics()
    const gone = async (): Promise<number> => (await observer.look([channel.channelName])).length
    expect(await gone()).to.equal(0)
    // The embedded broker makes no topic of a name that was deleted.
    if (broker().kind === 'embedded') return
    const again = new ChannelFixture(broker)
    Object.assign(again, { channelName: channel.channelName })
    const { writer: other } = await again.open(1, { writer: { name: 'other' } })
    expect((await look()).writers.map(shown)).to.deep.equal(['other Started'])
    await other.close()
    await again.close()
  })

  it('looks for two at a time, and refuses when it is closed', async () => {
    await channel.open(1)
    const looks = await Promise.all([look(), look()])
    expect(looks.map(({ writers }) => writers.map(shown))).to.deep.equal([['test Started'], ['test Started']])
    await observer.close()
    await observer.close()
    expect(await rejection(observer.look())).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
  })

  it('refuses options and names that cannot be, before it connects', async () => {
    const location = broker().bootstrapServers
    const open = (options: object): Promise<unknown> => rejection(ChannelObserver.open({ location, ...options }))
    expect(await open({ channelName: 'x' })).to.have.property('setting', 'channelName')
    expect(await open({ channelConfig: { 'group.id': 'x' } })).to.have.property('setting', 'group.id')
    expect(await open({ patienceMs: 0 })).to.be.instanceOf(RangeError)
    expect(await open({ location: 'nowhere' })).to.have.property('setting', 'location')
    expect(await rejection(observer.look(['no/name']))).to.have.property('setting', 'channelName')
  })

  it('is removed with its topics, and with what its group has committed where the broker forgets that', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(2))
    await writer.close()
    await readCount(readers[0] as KafkaChannelReader<Item>, 2)
    await readers[0]?.commit()
    await channel.close()
    const connection = { location: broker().bootstrapServers }
    const name = channel.channelName
    await createTopic(broker(), { topic: `${name}.dead`, partitions: 1, topicReplicationFactor: -1 }, within())
    const removed = await removeChannel(connection, await look(), false, within())
    expect(removed.topics).to.deep.equal([`${name}.input.state`, `${name}.output.state`, name])
    expect(removed.keptGroups).to.deep.equal(broker().kind === 'embedded' ? [`group.${name}`] : [])
    const left = await look()
    expect(left).to.include({ deadLetters: 0, partitions: null })
    expect((await removeChannel(connection, left, true, within())).topics).to.deep.equal([`${name}.dead`])
    expect(await deleteTopic(broker(), name, within())).to.equal(false)
  })
}
