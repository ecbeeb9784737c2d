/** Channels for tests: a topic of its own for each, and everything closed at the end. */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import {
  BrokerError,
  KafkaChannelReader,
  type KafkaChannelReaderOptions,
  KafkaChannelWriter,
  type KafkaChannelWriterOptions,
  MillraceError
} from 'millrace'
import { Deadline } from '../../lib/deadline.js'
import { deleteTopic } from '../../lib/kafka/index.js'
import type { BrokerUnderTest } from './brokers.js'

export interface Item {
  readonly n: number
  readonly text: string
}

export const itemSchema = {
  type: 'record',
  name: 'Item',
  fields: [
    { name: 'n', type: 'long' },
    { name: 'text', type: 'string' }
  ]
} as const

export function items(count: number, first = 0): Item[] {
  return Array.from({ length: count }, (_, i) => ({ n: first + i, text: `item ${first + i}` }))
}

export type ReaderOptions = Partial<KafkaChannelReaderOptions<Item>>
export type WriterOptions = Partial<KafkaChannelWriterOptions<Item>>

/** One channel; its ends are closed by `close`, whatever state they are in. */
export class ChannelFixture {
  readonly channelName = `test.${randomUUID()}`
  readonly #ends: Promise<{ close(options?: { timeoutMs: number }): Promise<void> }>[] = []

  #writers = 0

  constructor(readonly broker: BrokerUnderTest) {}

  get common(): { location: string; channelName: string; schema: typeof itemSchema; timeoutMs: number } {
    const location = this.broker().bootstrapServers
    return { location, channelName: this.channelName, schema: itemSchema, timeoutMs: 20_000 }
  }

  async reader(options: ReaderOptions = {}): Promise<KafkaChannelReader<Item>> {
    // Topics stay, so that a test can open its members once more.
    const opening = KafkaChannelReader.open<Item>({ ...this.common, resources: 'keep', ...options })
    this.#ends.push(opening)
    return await opening
  }

  async writer(options: WriterOptions = {}): Promise<KafkaChannelWriter<Item>> {
    const name = this.#writers++ === 0 ? 'test' : `test.${this.#writers}`
    const opening = KafkaChannelWriter.open<Item>({ ...this.common, name, ...options })
    this.#ends.push(opening)
    return await opening
  }

  /** A group and a writer, opened together as an application would. */
  async open(
    members: number,
    options: { reader?: ReaderOptions; writer?: WriterOptions } = {}
  ): Promise<{ readers: KafkaChannelReader<Item>[]; writer: KafkaChannelWriter<Item> }> {
    const opening = Array.from({ length: members }, (_, index) =>
      this.reader({ ...options.reader, group: { name: 'group', index, size: members } })
    )
    const [writer, ...readers] = await Promise.all([this.writer(options.writer), ...opening] as const)
    return { readers, writer }
  }

  /** As somebody else would, under the ends that are open. */
  async deleteTopics(): Promise<void> {
    const { bootstrapServers } = this.broker()
    for (const suffix of ['', '.input.state', '.output.state']) {
      await deleteTopic({ bootstrapServers }, `${this.channelName}${suffix}`, new Deadline({}, 20_000))
    }
  }

  /** @throws what the closing of an end failed with, unless it is why the end could not go on either */
  async close(): Promise<void> {
    // Also those that were still opening when their test failed.
    const opened = await Promise.allSettled(this.#ends.splice(0))
    const ends = opened.flatMap(opening => (opening.status === 'fulfilled' ? [opening.value] : []))
    const closed = await Promise.allSettled(ends.map(end => end.close({ timeoutMs: 3000 })))
    for (const one of closed) if (one.status === 'rejected' && !isExpected(one.reason)) throw one.reason
  }
}

/** Reads to the end of the channel, and commits all of it. */
export async function readToTheEnd<T>(reader: KafkaChannelReader<T>): Promise<T[]> {
  const read: T[] = []
  for await (const batch of reader.batches({ signal: AbortSignal.timeout(20_000) })) {
    read.push(...batch.records)
    await batch.done()
  }
  expect(reader.isFinished, 'finished').to.equal(true)
  return read
}

/** What a test has broken on purpose, or has seen and asserted, comes out of close() once more. */
function isExpected(error: unknown): boolean {
  return error instanceof MillraceError && !(error instanceof BrokerError)
}

/** Reads until so many records came; offsets must rise. */
export async function readCount(reader: KafkaChannelReader<Item>, count: number, maxRecords?: number): Promise<Item[]> {
  const read: Item[] = []
  while (read.length < count) {
    const limit = Math.min(count - read.length, maxRecords ?? count)
    const options = { timeoutMs: 20_000, maxRecords: Math.min(limit, 100) }
    read.push(...(await reader.read(options)).records)
  }
  return read
}
