import { expect } from 'chai'
import type { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { apiKey, EmbeddedBroker } from 'millrace/testing'
import { onApacheBrokers } from '../support/brokers.js'
import { ChannelFixture, type Item, items } from '../support/channel-fixture.js'
import { coordinatorOf } from '../support/cluster.js'
import { eventually } from '../support/eventually.js'
import { committedOffset } from '../support/raw.js'

const NOT_COORDINATOR = 16

/** Writes, reads, and commits each time there is more, until it is told to end; nothing is called again after an error. */
class CommitLoop {
  commits = 0
  /** Records that were read while the longest commit was under way, so far. */
  readDuringLongest = 0
  #longestMs = 0
  #read = 0
  #isOver = false
  readonly #work: Promise<unknown>

  constructor(
    private readonly reader: KafkaChannelReader<Item>,
    private readonly writer: KafkaChannelWriter<Item>
  ) {
    this.#work = Promise.all([this.#writeAndRead(), this.#commit()])
    this.#work.catch(() => undefined)
  }

  /** Resolves when so many more commits went through. */
  async commit(count: number): Promise<void> {
    const until = this.commits + count
    const done = eventually(() => this.commits >= until, { timeoutMs: 25_000, waitedFor: `${count} more commits` })
    await Promise.race([done, this.#work])
  }

  /** Resolves with the last offset that was committed. */
  async end(): Promise<number> {
    this.#isOver = true
    await this.#work
    await this.reader.commit()
    return this.reader.position
  }

  async #commit(): Promise<void> {
    while (!this.#isOver) {
      const [start, read] = [performance.now(), this.#read]
      await this.reader.commit({ timeoutMs: 20_000 })
      const ms = performance.now() - start
      if (ms > this.#longestMs) [this.#longestMs, this.readDuringLongest] = [ms, this.#read - read]
      this.commits++
      const more = (): boolean => this.#read > read || this.#isOver
      await eventually(more, { timeoutMs: 20_000, waitedFor: 'something new to commit' })
    }
  }

  async #writeAndRead(): Promise<void> {
    for (let n = 0; !this.#isOver; n += 10) {
      await this.writer.write(items(10, n))
      this.#read += (await this.reader.read({ timeoutMs: 20_000 })).records.length
    }
  }
}

describe('Kafka channel: a coordinator that moves [three embedded brokers]', () => {
  let broker: EmbeddedBroker
  let channel: ChannelFixture
  beforeEach(() => {
    broker = new EmbeddedBroker({ brokers: 3 })
    channel = new ChannelFixture(() => broker)
  })
  afterEach(async () => {
    await channel.close()
    await broker.close()
  })

  it('C07: commits go through while it moves and answers "not me" 20 times, and reading goes on meanwhile', async () => {
    const group = `group.${channel.channelName}`
    broker.setCoordinator(group, 1)
    const { readers, writer } = await channel.open(1)
    const loop = new CommitLoop(readers[0] as KafkaChannelReader<Item>, writer)
    await loop.commit(10)
    broker.injectErrors(apiKey.offsetCommit, Array<number>(20).fill(NOT_COORDINATOR))
    for (const next of [2, 3, 1]) {
      broker.setCoordinator(group, next)
      await loop.commit(5)
    }
    const end = await loop.end()
    expect(loop.readDuringLongest).to.be.above(0)
    expect(await committedOffset(broker, group, channel.channelName)).to.equal(end)
  })

  it('C07: commits go on when it is down and another one takes its place', async () => {
    const group = `group.${channel.channelName}`
    broker.setCoordinator(group, 1)
    // Its partition stays where it is.
    broker.createTopic(channel.channelName, 1, 3)
    broker.setLeader(channel.channelName, 0, 2)
    const { readers, writer } = await channel.open(1)
    const loop = new CommitLoop(readers[0] as KafkaChannelReader<Item>, writer)
    await loop.commit(10)
    broker.setBrokerUp(1, false)
    broker.setCoordinator(group, 3)
    await loop.commit(10)
    const end = await loop.end()
    expect(await committedOffset(broker, group, channel.channelName)).to.equal(end)
  })
})

onApacheBrokers(3, 'Kafka channel: a coordinator that moves', broker => {
  let channel: ChannelFixture
  beforeEach(() => (channel = new ChannelFixture(broker)))
  afterEach(() => channel.close())

  it('C07: commits go on when it was stopped, and when it is back', async () => {
    const group = `group.${channel.channelName}`
    const { readers, writer } = await channel.open(1)
    const loop = new CommitLoop(readers[0] as KafkaChannelReader<Item>, writer)
    await loop.commit(10)
    const coordinator = await coordinatorOf(broker(), group)
    await broker().stop(coordinator)
    try {
      await loop.commit(10)
      expect(await coordinatorOf(broker(), group)).to.not.equal(coordinator)
    } finally {
      await broker().restart(coordinator)
    }
    await loop.commit(10)
    const end = await loop.end()
    expect(await committedOffset(broker(), group, channel.channelName)).to.equal(end)
  })
})
