import { expect } from 'chai'
import { onEachBroker } from '../support/brokers.js'
import { ChannelFixture, items, readCount } from '../support/channel-fixture.js'
import { committedOffset, setCommitted } from '../support/raw.js'
import { rejection } from '../support/rejection.js'

onEachBroker('Kafka channel: an offset beyond the end of the log', broker => {
  const member = { group: { name: 'group', index: 0, size: 1 } }
  let channel: ChannelFixture
  let group: string
  beforeEach(() => {
    channel = new ChannelFixture(broker)
    group = `group.${channel.channelName}`
  })
  afterEach(() => channel.close())

  it('C12: committed, it is cured by a seek, a read and a commit: the next reader begins behind that', async () => {
    const { readers, writer } = await channel.open(1)
    await writer.write(items(5))
    await writer.flush()
    await readers[0]?.close()
    await setCommitted(broker(), group, channel.channelName, 100)
    const reader = await channel.reader(member)
    expect(await rejection(reader.read({ timeoutMs: 10_000 }))).to.have.property('offset', 100)
    await reader.seek({ offset: 0 })
    expect(await readCount(reader, 5)).to.deep.equal(items(5))
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(5)
    await reader.close()
    await writer.write(items(1, 5))
    await writer.flush()
    expect(await readCount(await channel.reader(member), 1)).to.deep.equal(items(1, 5))
  })

  it('C12: sought to, it is not committed, and what is read elsewhere then is', async () => {
    const { readers, writer } = await channel.open(1)
    const [reader] = readers as [Awaited<ReturnType<typeof channel.reader>>]
    await writer.write(items(5))
    await writer.flush()
    await readCount(reader, 2, 2)
    await reader.commit()
    await reader.seek({ offset: Number.MAX_SAFE_INTEGER })
    const error = await rejection(reader.read({ timeoutMs: 10_000 }))
    expect(error).to.include({ code: 'ERR_MILLRACE_OFFSET_OUT_OF_RANGE', offset: Number.MAX_SAFE_INTEGER })
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(2)
    await reader.seek({ offset: 2 })
    expect(await readCount(reader, 3)).to.deep.equal(items(3, 2))
    await reader.commit()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(5)
  })
})
