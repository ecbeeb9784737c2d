import { expect } from 'chai'
import { type KafkaChannelReader, type KafkaChannelWriter, PeerError } from 'millrace'
import type { BrokerUnderTest } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { append } from '../support/messages.js'
import { rejection } from '../support/rejection.js'
import { writerSays } from '../support/status-log.js'

/** What becomes of an end whose counterpart says nothing any more. The silent ones are messages that somebody has sent. */
export function lostPeerSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  const impatient = { patienceMs: 1000 } as const

  /** A writer of another process opens, and is silent from then on. */
  async function ghostOpens(): Promise<void> {
    const ghost = { name: 'ghost', incarnation: 'a', heartbeatMs: 100 }
    const says = (['Opened', 'Started'] as const).map(state => writerSays(channel.channelName, ghost, state, state))
    await append(broker(), `${channel.channelName}.output.state`, says)
  }

  const read = (reader: KafkaChannelReader<Item>): Promise<unknown> => rejection(reader.read({ timeoutMs: 20_000 }))

  it('a reader fails by the name of a writer that is silent for longer than its patience, and its writers with nobody', async () => {
    const { readers, writer } = await channel.open(1, { reader: impatient })
    const [reader] = readers as [KafkaChannelReader<Item>]
    await ghostOpens()
    const error = await read(reader)
    expect(error).to.be.instanceOf(PeerError)
    expect(error).to.include({ code: 'ERR_MILLRACE_PEER_LOST', peer: 'ghost' })
    expect((error as Error).message).to.match(/the writer ghost of \S+ is lost: it said Started .*onPeerLost: 'wait'/)
    // Though it is closed at once, the others hear of it.
    await reader.close()
    const stateOf = (): string | undefined => writer.peers.find(({ role }) => role === 'reader')?.state
    await eventually(() => stateOf() === 'Error', { timeoutMs: 5000, waitedFor: 'the last word of the reader' })
    // It blames another: nobody fails with it.
    await writer.write(items(3))
    await writer.flush()
  })

  it('ends of one process have each a patience of their own, and who waits for silent ones reads on', async () => {
    const member = (index: number): { group: { name: string; index: number; size: number } } => ({
      group: { name: 'group', index, size: 3 }
    })
    const [short, long, waiting, writer] = await Promise.all([
      channel.reader({ ...member(0), ...impatient }),
      channel.reader({ ...member(1), patienceMs: 60_000 }),
      channel.reader({ ...member(2), ...impatient, onPeerLost: 'wait' }),
      channel.writer({ patienceMs: 90_000 }) as Promise<KafkaChannelWriter<Item>>
    ])
    await ghostOpens()
    expect(await read(short)).to.include({ code: 'ERR_MILLRACE_PEER_LOST' })
    await writer.write(items(9))
    await writer.flush()
    for (const reader of [long, waiting]) expect(await readCount(reader, 3)).to.have.length(3)
  })
}
