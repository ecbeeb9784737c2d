/** A writer that goes on writing and a group that goes on reading, while a test lets brokers fail. */
import { setInterval as ticks } from 'node:timers/promises'
import { expect } from 'chai'
import type { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { type ChannelFixture, type Item, items } from './channel-fixture.js'
import { eventually } from './eventually.js'

const TICK_MS = 20
const RECORDS_A_TICK = 20

/** 1,000 records a second. Nothing in it is called again after an error: its first one fails `end`. */
export class Flow {
  written = 0
  readonly #read: Item[][]
  readonly #stop = new AbortController()
  readonly #writing: Promise<void>
  readonly #reading: Promise<unknown>

  private constructor(
    readonly writer: KafkaChannelWriter<Item>,
    readers: readonly KafkaChannelReader<Item>[]
  ) {
    this.#read = readers.map(() => [])
    this.#writing = this.#write()
    this.#reading = Promise.all(readers.map((reader, i) => this.#readAll(reader, this.#read[i] as Item[])))
    // They are looked at in `end`.
    for (const one of [this.#writing, this.#reading]) one.catch(() => undefined)
  }

  static async open(channel: ChannelFixture, members: number): Promise<Flow> {
    const { readers, writer } = await channel.open(members)
    return new Flow(writer, readers)
  }

  get read(): number {
    return this.#read.reduce((sum, records) => sum + records.length, 0)
  }

  /** Resolves when so many more records were written. */
  async writes(count: number): Promise<void> {
    const until = this.written + count
    await eventually(() => this.written >= until, { timeoutMs: 20_000, waitedFor: `${count} more records written` })
  }

  /** Resolves when so many more records were read. */
  async reads(count: number, timeoutMs = 20_000): Promise<void> {
    const until = this.read + count
    await eventually(() => this.read >= until, { timeoutMs, waitedFor: `${count} more records read` })
  }

  /**
   * Ends the writing; each record must have been acknowledged once, and read once, in order.
   *
   * @param broker - `repeats`: it takes what is sent to it again for something new, so that what was read once may come
   *   once more
   */
  async end(timeoutMs: number, { repeats }: { readonly repeats: boolean } = { repeats: false }): Promise<void> {
    this.#stop.abort()
    await this.#writing
    const readOnce = (): readonly (readonly number[])[] => this.#read.map(records => numbersOf(records, repeats))
    const all = (): boolean => readOnce().flat().length >= this.written
    await Promise.race([
      eventually(all, { timeoutMs, waitedFor: `all of ${this.written} records to be read` }),
      this.#reading.then(() => {
        throw new Error('a reader ended by itself')
      })
    ])
    await this.writer.flush()
    expect(this.writer.counts).to.deep.equal({ acknowledged: this.written, failed: 0, unknown: 0 })
    for (const numbers of readOnce()) {
      // Rising by the number of partitions is both: nothing twice, and in order.
      const steps = new Set(numbers.slice(1).map((n, i) => n - (numbers[i] as number)))
      expect([...steps]).to.deep.equal([this.#read.length])
    }
    const sorted = readOnce()
      .flat()
      .sort((a, b) => a - b)
    expect(sorted).to.deep.equal(items(this.written).map(({ n }) => n))
  }

  async #write(): Promise<void> {
    for await (const _ of ticks(TICK_MS)) {
      if (this.#stop.signal.aborted) return
      await this.writer.write(items(RECORDS_A_TICK, this.written))
      this.written += RECORDS_A_TICK
    }
  }

  async #readAll(reader: KafkaChannelReader<Item>, into: Item[]): Promise<void> {
    for await (const { records } of reader.batches()) into.push(...records)
  }
}

/** @param repeats - whether only the first of each counts */
function numbersOf(records: readonly Item[], repeats: boolean): readonly number[] {
  const numbers = records.map(({ n }) => n)
  return repeats ? [...new Set(numbers)] : numbers
}
