import { inspect } from 'node:util'
import { expect } from 'chai'
import { type KafkaChannelReader, RecordError, type WriteError } from 'millrace'
import { type BrokerUnderTest, needs } from '../support/brokers.js'
import { ChannelFixture, type Item, items, readCount } from '../support/channel-fixture.js'
import { endOffset, makeChannel } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

export function writingSuite(broker: BrokerUnderTest): void {
  let channel: ChannelFixture
  beforeEach(() => {
    channel = new ChannelFixture(broker)
  })
  afterEach(() => channel.close())

  it('moves each record one partition further, from a start that follows from the name', async () => {
    const { readers, writer } = await channel.open(3)
    await writer.write(items(2))
    await writer.write(items(4, 2))
    const read = await Promise.all(readers.map(reader => readCount(reader, 2)))
    const numbers = read.map(records => records.map(({ n }) => n))
    expect(numbers.map(([first, second]) => (second as number) - (first as number))).to.deep.equal([3, 3, 3])
    expect(numbers.map(([first]) => first as number).toSorted((a, b) => a - b)).to.deep.equal([0, 1, 2])
  })

  it('counts every record as acknowledged once flush has resolved', async () => {
    const { writer } = await channel.open(2)
    await writer.write(items(1000))
    await writer.flush()
    expect(writer.counts).to.deep.equal({ acknowledged: 1000, failed: 0, unknown: 0 })
  })

  it('flush waits for what was accepted before it, however much is written meanwhile', async () => {
    const { readers, writer } = await channel.open(1)
    let isFlushed = false
    let written = 0
    await writer.write(items(100))
    const flushing = writer.flush().then(() => (isFlushed = true))
    while (!isFlushed) {
      await writer.write(items(100))
      written += 100
    }
    await flushing
    await writer.flush()
    expect(writer.counts.acknowledged).to.equal(written + 100)
    await readers[0]?.close()
  })

  it('rejects the whole batch when one record is invalid, names index, path and value, and sends none', async () => {
    const { writer } = await channel.open(1)
    const batch = [...items(3), { n: 'four', text: 'x' } as unknown as Item, ...items(2)]
    const error = (await rejection(writer.write(batch))) as RecordError
    expect(error).to.be.instanceOf(RecordError)
    expect([error.index, error.path, error.value]).to.deep.equal([3, '/n', 'four'])
    await writer.flush()
    expect(await endOffset(broker(), channel.channelName)).to.equal(0)
    await writer.write(items(1))
    await writer.close()
  })

  it('rejects a record that is larger than a message may be, with nothing of its batch sent', async () => {
    const { writer } = await channel.open(1)
    const error = await rejection(writer.write([...items(1), { n: 1, text: 'x'.repeat(1_000_000) }]))
    expect(error).to.have.property('code', 'ERR_MILLRACE_RECORD_TOO_LARGE')
    expect(error.message).to.contain('message.max.bytes').and.contain('record 1')
    await writer.flush()
    expect(await endOffset(broker(), channel.channelName)).to.equal(0)
  })

  it('takes the largest record that passes the check, to the byte', async () => {
    const { readers, writer } = await channel.open(1, { writer: { channelConfig: { 'message.max.bytes': 100_000 } } })
    // The header of 10 bytes, n in 1 byte, the length of the text in 3.
    const largest = 100_000 - 36 - 14
    const refused = await rejection(writer.write([{ n: 1, text: 'x'.repeat(largest + 1) }]))
    expect(refused).to.have.property('code', 'ERR_MILLRACE_RECORD_TOO_LARGE')
    await writer.write([{ n: 1, text: 'x'.repeat(largest) }])
    await writer.flush()
    const [read] = await readCount(readers[0] as KafkaChannelReader<Item>, 1)
    expect(read?.text).to.have.length(largest)
  })

  it('refuses a record for which the queue would never have room', async () => {
    const { writer } = await channel.open(1, { writer: { channelConfig: { 'queue.buffering.max.kbytes': 10 } } })
    const error = await rejection(writer.write([{ n: 1, text: 'x'.repeat(10_240) }]))
    expect(error).to.have.property('code', 'ERR_MILLRACE_RECORD_TOO_LARGE')
    expect(error.message).to.contain('queue.buffering.max.kbytes')
    await writer.write([{ n: 1, text: 'x'.repeat(10_000) }])
    await writer.flush()
  })

  it('C32: a record that only the broker refuses fails its writer, with each record accounted for', async function () {
    needs(this, broker(), 'unbounded-log')
    const channelName = await makeChannel(broker(), 1, { 'max.message.bytes': '100000' })
    const writer = await channel.writer({ channelName, channelConfig: { 'linger.ms': 0 } })
    const batch = items(1001).map(({ n }) => ({ n, text: 'x'.repeat(n === 500 ? 500_000 : 10) }))
    await writer.write(batch)
    const error = (await rejection(writer.flush())) as WriteError
    expect(error).to.have.property('code', 'ERR_MILLRACE_WRITE_FAILED')
    expect((error.cause as Error).message).to.match(/too large/i)
    await rejection(writer.close())
    const { acknowledged, failed, unknown } = writer.counts
    expect([acknowledged + failed + unknown, unknown]).to.deep.equal([1001, 0])
    expect(await endOffset(broker(), channelName)).to.equal(acknowledged)
    expect(failed).to.be.at.least(1)
  })

  it('takes as many records as the array held when it was called, whatever getters of them do to it', async () => {
    const { readers, writer } = await channel.open(1)
    const batch: Item[] = []
    batch.push({
      get n() {
        batch.push({ n: 2, text: 'more' })
        return 1
      },
      text: 'one'
    })
    await writer.write(batch)
    await writer.flush()
    expect(writer.counts.acknowledged).to.equal(1)
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 1)).to.deep.equal([{ n: 1, text: 'one' }])
  })

  it('names a value that throws when it is shown', async () => {
    const { writer } = await channel.open(1)
    const hostile = {
      [inspect.custom]: () => {
        throw new Error('do not look')
      }
    }
    const error = await rejection(writer.write([{ n: hostile as never, text: '' }]))
    expect(error).to.include({ code: 'ERR_MILLRACE_RECORD_INVALID', path: '/n' })
  })

  it('C42: changes to a record after write() has returned its promise do not matter', async () => {
    const { readers, writer } = await channel.open(1)
    const batch = [{ n: 1, text: 'as it was' }]
    const written = writer.write(batch)
    ;(batch[0] as { text: string }).text = 'changed'
    batch.push({ n: 2, text: 'late' })
    await written
    await writer.flush()
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 1)).to.deep.equal([{ n: 1, text: 'as it was' }])
    expect(await endOffset(broker(), channel.channelName)).to.equal(1)
  })

  it('keeps the order of calls that nobody awaits', async () => {
    const { readers, writer } = await channel.open(1)
    const writes = Array.from({ length: 200 }, (_, i) => writer.write(items(5, 5 * i)))
    await Promise.all(writes)
    const read = await readCount(readers[0] as KafkaChannelReader<Item>, 1000)
    expect(read.map(({ n }) => n)).to.deep.equal(items(1000).map(({ n }) => n))
  })

  it('C28: waits by itself while the queue is full; a limit smaller than one batch loses and doubles nothing', async () => {
    const count = broker().kind === 'embedded' ? 20_000 : 100_000
    const { readers, writer } = await channel.open(4, {
      writer: { channelConfig: { 'queue.buffering.max.messages': 1000 } }
    })
    const reading = Promise.all(readers.map(reader => readCount(reader, (count + 10_000) / 4)))
    await writer.write(items(count))
    const late = Array.from({ length: 100 }, (_, i) => writer.write(items(100, count + 100 * i)))
    await Promise.all(late)
    await writer.flush()
    expect(writer.counts).to.deep.equal({ acknowledged: count + 10_000, failed: 0, unknown: 0 })
    for (const records of await reading) {
      const numbers = records.map(({ n }) => n)
      const steps = new Set(numbers.slice(1).map((n, i) => n - (numbers[i] as number)))
      expect([...steps]).to.deep.equal([4])
    }
  })

  it('accepts a batch that is larger than the buffer, and refuses by name what nobody awaits beyond twice of it', async () => {
    const { readers, writer } = await channel.open(1, { writer: { writeBufferBytes: 64 * 1024 } })
    const text = 'x'.repeat(1000)
    const large = writer.write(items(1000).map(({ n }) => ({ n, text })))
    const refused = await rejection(writer.write(items(1)))
    expect(refused).to.have.property('code', 'ERR_MILLRACE_BUFFER_FULL')
    await large
    await writer.flush()
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, 1000)).to.have.length(1000)
    expect(await endOffset(broker(), channel.channelName)).to.equal(1000)
  })

  it('C31: calls beyond what may wait reject by name, and those that were accepted arrive in order', async () => {
    const { readers, writer } = await channel.open(1, { writer: { writeBufferBytes: 256 * 1024 } })
    const calls = items(20_000).map(item => writer.write([item]))
    const settled = await Promise.allSettled(calls)
    const accepted = items(20_000).filter((_, i) => settled[i]?.status === 'fulfilled')
    const refused = settled.filter(one => one.status === 'rejected')
    expect(refused.length).to.be.within(10_000, 19_000)
    for (const { reason } of refused) expect(reason).to.have.property('code', 'ERR_MILLRACE_BUFFER_FULL')
    await writer.flush()
    expect(writer.counts).to.deep.equal({ acknowledged: accepted.length, failed: 0, unknown: 0 })
    expect(await readCount(readers[0] as KafkaChannelReader<Item>, accepted.length)).to.deep.equal(accepted)
  })

  it('takes only arrays, and does nothing for an empty one', async () => {
    const { writer } = await channel.open(1)
    expect(await rejection(writer.write({ n: 1, text: '' } as unknown as Item[]))).to.be.instanceOf(TypeError)
    await writer.write([])
    await writer.flush()
    expect(writer.counts.acknowledged).to.equal(0)
  })
}
