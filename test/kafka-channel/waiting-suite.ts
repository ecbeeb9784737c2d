import { expect } from 'chai'
import type { KafkaChannelWriter } from 'millrace'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { eventually } from '../support/eventually.js'
import { rejection } from '../support/rejection.js'

const group = { name: 'group', index: 0, size: 1 } as const

/** What `open` waits for beside the topics: `waitForWriters`, `waitForReaders`. */
export function waitingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  /** Whether a promise is settled, without waiting for it. */
  function watch<T>(promise: Promise<T>): { isOpen: boolean; readonly promise: Promise<T> } {
    const watched = { isOpen: false, promise }
    promise.then(
      () => (watched.isOpen = true),
      () => undefined
    )
    return watched
  }

  async function sees(end: Pick<KafkaChannelWriter<Item>, 'peers'>, role: string, count: number): Promise<void> {
    const started = (): number => end.peers.filter(peer => peer.role === role && peer.state === 'Started').length
    await eventually(() => started() === count, { timeoutMs: 20_000, waitedFor: `${count} ${role}s to start` })
  }

  it('a reader waits until one writer has opened', async () => {
    const reader = watch(channel.reader({ group, waitForWriters: 'one' }))
    const writer = await channel.writer()
    await sees(writer, 'reader', 1)
    await writer.write(items(1))
    expect(await readCount(await reader.promise, 1)).to.deep.equal(items(1))
  })

  it('says at its deadline that no writer has opened, and leaves the channel in order', async () => {
    const error = await rejection(channel.reader({ group, waitForWriters: 'one', timeoutMs: 1500 }))
    expect(error).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
    expect(error.message).to.include(`a writer of ${channel.channelName} to open; 0 have`)
    const writer = await channel.writer()
    expect(writer.peers.filter(({ role }) => role === 'reader').map(({ state }) => state)).to.deep.equal(['Closed'])
    // Its partitions are free again.
    await writer.write(items(3))
    expect(await readCount(await channel.reader({ group }), 3)).to.deep.equal(items(3))
  })

  it('a reader waits until all writers have opened, of which some may have finished', async () => {
    const reader = watch(channel.reader({ group, writers: 3, waitForWriters: 'all' }))
    const first = await channel.writer()
    await sees(first, 'reader', 1)
    await first.write(items(2))
    await first.close()
    const second = await channel.writer()
    await second.write(items(2, 2))
    expect(reader.isOpen, 'open before the third').to.equal(false)
    await channel.writer()
    const read = await readCount(await reader.promise, 4)
    expect(read).to.deep.equal(items(4))
  })

  it('a reader waits until all writers have written everything, and then reads it to the end', async () => {
    const reader = watch(channel.reader({ group, writers: 2, waitForWriters: 'stopped' }))
    const [first, second] = [await channel.writer(), await channel.writer()]
    await first.write(items(10))
    await first.close()
    await second.write(items(10, 10))
    await second.flush()
    expect(reader.isOpen, 'open before the second has stopped').to.equal(false)
    await second.close()
    const read: Item[] = []
    for await (const { records } of (await reader.promise).batches()) read.push(...records)
    expect(read.map(({ n }) => n)).to.deep.equal(items(20).map(({ n }) => n))
  })

  it('names the writers that have not stopped', async () => {
    const opening = channel.reader({ group, waitForWriters: 'stopped', timeoutMs: 1500 })
    const [error] = await Promise.all([rejection(opening), channel.writer({ name: 'still.there' })])
    expect(error.message).to.include(`the writers of ${channel.channelName} to stop; still there: still.there`)
  })

  it('a reader that waits fails with a writer that fails meanwhile, by its name', async function () {
    // Whose topics have settings.
    needs(this, broker(), 'recreate-topics')
    const topicConfig = { 'max.message.bytes': '1000' }
    const opening = rejection(channel.reader({ group, writers: 2, waitForWriters: 'stopped', topicConfig }))
    const writer = await channel.writer({ name: 'failing' })
    await sees(writer, 'reader', 1)
    await writer.write([{ n: 0, text: 'x'.repeat(10_000) }])
    await rejection(writer.close())
    expect(await opening).to.include({ code: 'ERR_MILLRACE_PEER_FAILED', peer: 'failing' })
  })

  it('a writer waits until one reader, or all members of the group, have opened', async () => {
    const members = { name: 'group', size: 3 }
    const one = watch(channel.writer({ waitForReaders: 'one' }))
    const all = watch(channel.writer({ waitForReaders: 'all' }))
    const principal = await channel.reader({ group: { ...members, index: 0 } })
    await one.promise
    await channel.reader({ group: { ...members, index: 1 } })
    await sees(principal, 'writer', 2)
    expect(all.isOpen, 'open before the third member').to.equal(false)
    await channel.reader({ group: { ...members, index: 2 } })
    await all.promise
  })

  describe('a writer that could not open', () => {
    const failing = { waitForReaders: 'all', timeoutMs: 1000 } as const
    const two = { name: 'group', size: 2 }

    /** Where a member is missing a writer that waits for all of them cannot open. */
    async function openInVain(name: string): Promise<void> {
      expect(await rejection(channel.writer({ name, ...failing }))).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
    }

    it('has not stopped: the readers are not at their end by that', async () => {
      const reader = await channel.reader({ group: { ...two, index: 0 } })
      await openInVain('sensor')
      expect(await rejection(reader.read({ timeoutMs: 500 }))).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
      expect(reader.isFinished).to.equal(false)
      const writer = await channel.writer({ name: 'sensor' })
      await writer.write(items(4))
      await writer.close()
      expect(await readCount(reader, 2)).to.have.length(2)
      expect(await rejection(reader.read({ timeoutMs: 10_000 }))).to.have.property('code', 'ERR_MILLRACE_END_OF_DATA')
    })

    it('is waited for as before where it had left without an end', async () => {
      const [reader, writer] = await Promise.all([
        channel.reader({ group: { ...two, index: 0 } }),
        channel.writer({ name: 'sensor' })
      ])
      await writer.write(items(4))
      await writer.leave()
      await openInVain('sensor')
      expect(await readCount(reader, 2)).to.have.length(2)
      expect(await rejection(reader.read({ timeoutMs: 500 }))).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
      const again = await channel.writer({ name: 'sensor' })
      await again.write(items(2, 4))
      await again.close()
      expect(await readCount(reader, 1)).to.have.length(1)
      expect(await rejection(reader.read({ timeoutMs: 10_000 }))).to.have.property('code', 'ERR_MILLRACE_END_OF_DATA')
    })

    it('does not end the next run on topics that are kept', async () => {
      const [first, writer] = await Promise.all([channel.reader({ group }), channel.writer({ name: 'sensor' })])
      await writer.write(items(4))
      await writer.close()
      for await (const batch of first.batches()) await batch.done()
      await first.close()
      const second = await channel.reader({ group })
      await second.close()
      // No member is there.
      await openInVain('sensor')
      const third = await channel.reader({ group })
      expect(await rejection(third.read({ timeoutMs: 500 }))).to.have.property('code', 'ERR_MILLRACE_TIMEOUT')
      expect(third.isFinished).to.equal(false)
    })
  })

  it('ends that wait for each other open together', async () => {
    const [reader, writer] = await Promise.all([
      channel.reader({ group, writers: 1, waitForWriters: 'all' }),
      channel.writer({ waitForReaders: 'all' })
    ])
    await writer.write(items(1))
    expect(await readCount(reader, 1)).to.deep.equal(items(1))
  })

  it('a wait ends with its signal', async () => {
    const reason = new Error('enough')
    const abort = new AbortController()
    const opening = rejection(channel.reader({ group, writers: 2, waitForWriters: 'all', signal: abort.signal }))
    await sees(await channel.writer(), 'reader', 1)
    const waiting = rejection(channel.writer({ waitForReaders: 'all', signal: abort.signal }))
    abort.abort(reason)
    expect(await Promise.all([opening, waiting])).to.deep.equal([reason, reason])
  })
}
