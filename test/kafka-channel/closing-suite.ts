import { expect } from 'chai'
import { ConfigurationError, type KafkaChannelReader, KafkaChannelWriter, TimeoutError } from 'millrace'
import type { BrokerUnderTest } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { turns } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

export function closingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  it('close of a writer resolves when all is acknowledged, and what comes later is refused', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(500))
    await writer.close()
    expect(writer.counts.acknowledged).to.equal(500)
    for (const late of [writer.write(items(1)), writer.flush()]) {
      expect(await rejection(late)).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
    }
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 500)).to.have.length(500)
  })

  it('C24: close is idempotent: further calls return the same promise', async () => {
    const { readers, writer } = await channel.open(1)
    expect(writer.close()).to.equal(writer.close())
    expect(readers[0]?.close()).to.equal(readers[0]?.close())
    await writer.close()
    await readers[0]?.close()
  })

  it('C62: leave of a writer flushes and ends nothing: its readers go on with the next writer of its name', async () => {
    const { readers, writer } = await channel.open(1, { writer: { name: 'stage' } })
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(50))
    await writer.leave()
    expect(writer.counts.acknowledged).to.equal(50)
    expect(writer.leave()).to.equal(writer.close())
    expect(await rejection(writer.write(items(1)))).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
    expect(await readCount(reader, 50)).to.deep.equal(items(50))
    expect(await rejection(reader.read({ timeoutMs: 300 }))).to.be.instanceOf(TimeoutError)
    expect(reader.isFinished).to.equal(false)
    const next = await channel.writer({ name: 'stage' })
    await next.write(items(50, 50))
    await next.close()
    expect(await readCount(reader, 50)).to.deep.equal(items(50, 50))
    expect(await rejection(reader.read({ timeoutMs: 20_000 }))).to.have.property('code', 'ERR_MILLRACE_END_OF_DATA')
  })

  it('refuses to leave without a name, under which nobody could come back, and closes nothing by that', async () => {
    const { common } = channel
    const [reader, writer] = await Promise.all([channel.reader(), KafkaChannelWriter.open<Item>(common)])
    await writer.write(items(1))
    const error = await rejection(writer.leave())
    expect(error).to.be.instanceOf(ConfigurationError).with.property('setting', 'name')
    await writer.write(items(1, 1))
    await writer.close()
    expect(await readCount(reader, 2)).to.deep.equal(items(2))
  })

  it('refuses options that cannot be, as a rejection, and closes nothing by them', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    for (const options of [{ timeoutMs: -1 }, { timeoutMs: NaN }, null, 5] as never[]) {
      const calls = [
        writer.close(options),
        writer.leave(options),
        reader.close(options),
        reader.read(options),
        writer.flush(options)
      ]
      for (const call of calls) expect((await rejection(call)).message).to.match(/timeoutMs|options must be/)
      expect((await rejection(reader.batches(options).next())).message).to.match(/timeoutMs|options must be/)
    }
    await writer.write(items(1))
    expect(await readCount(reader, 1)).to.have.length(1)
  })

  it('C23: close at a random moment of a read, a write, a flush and a commit ends each of them by name or as it was', async () => {
    const { readers, writer } = await channel.open(1)
    await Promise.all([writer.close(), readers[0]?.close()])
    for (let round = 0; round < 15; round++) {
      const [reader, writer] = await Promise.all([channel.reader({ group: { name: 'group' } }), channel.writer()])
      const calls = [reader.read(), writer.write(items(500)), writer.flush(), reader.commit(), reader.lag()]
      const settled = Promise.allSettled(calls)
      await turns(round)
      await Promise.all([reader.close(), writer.close(), reader.close(), writer.close()])
      for (const call of await settled) {
        if (call.status === 'rejected') expect(call.reason).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
      }
      expect(writer.counts.failed + writer.counts.unknown).to.equal(0)
    }
  })

  it('a read that waits rejects when the reader is closed, and so does every later call', async () => {
    const reader = await channel.reader()
    const waiting = rejection(reader.read())
    await turns(3)
    await reader.close()
    for (const call of [waiting, rejection(reader.read()), rejection(reader.commit()), rejection(reader.lag())]) {
      expect(await call).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
    }
  })

  it('a loop over batches ends by close or signal, however close behind its last look at the queue that comes', async () => {
    const reader = await channel.reader()
    for (let microtasks = 0; microtasks < 12; microtasks++) {
      const abort = new AbortController()
      const next = reader.batches({ signal: abort.signal }).next()
      for (let i = 0; i < microtasks; i++) await Promise.resolve()
      abort.abort()
      expect((await next).done, `${microtasks} microtasks`).to.equal(true)
    }
    const loops = Array.from({ length: 12 }, async (_, microtasks) => {
      const next = reader.batches().next()
      for (let i = 0; i < microtasks; i++) await Promise.resolve()
      if (microtasks === 11) void reader.close()
      return (await next).done
    })
    expect(new Set(await Promise.all(loops))).to.deep.equal(new Set([true]))
  })

  it('leaving a loop over batches closes nothing', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [KafkaChannelReader<Item>]
    await writer.write(items(10))
    for await (const { records } of reader.batches({ maxRecords: 4 })) {
      expect(records).to.have.length.above(0)
      break
    }
    const rest = 10 - reader.position
    expect(await readCount(reader, rest)).to.have.length(rest)
  })

  it('await using closes both ends', async () => {
    const fixture = channel
    let writer
    {
      await using reader = await fixture.reader()
      await using inner = await fixture.writer()
      writer = inner
      await inner.write(items(3))
      expect(await readCount(reader, 3)).to.have.length(3)
    }
    expect(await rejection(writer.flush())).to.have.property('code', 'ERR_MILLRACE_CHANNEL_CLOSED')
  })
}
