/**
 * One writer's share of a producer client: a bounded buffer of encoded batches, what librdkafka has taken of them, and
 * what became of the records.
 */
import type { WriteCounts } from '../errors.js'
import type { ProducerClient, Settled } from './producer-client.js'
import { Queue } from './queue.js'

/** What librdkafka keeps for each record beside its bytes. Counted, so that a buffer of tiny records is bounded too. */
const RECORD_OVERHEAD_BYTES = 64
/** A part of what a call that waits keeps beside its records. Counted, so that very many small calls are bounded too. */
const CALL_OVERHEAD_BYTES = 512
/** A waiting call whose slab has this many times its bytes goes on with a copy: one record waits with 64 KB else. */
const MOSTLY_EMPTY = 4
/** Most bytes of one ticket: how finely room in the buffer comes free. */
const TICKET_BYTES = 512 * 1024

/** Encoded records with a partition for each. */
export interface OutgoingBatch {
  readonly slab: Buffer
  /** End positions in the slab, one per record, ascending. */
  readonly ends: Uint32Array
  readonly partitions: Int32Array
}

export interface TopicProducerOptions {
  readonly topic: string
  /** How much librdkafka gets at a time; the rest waits here. */
  readonly bufferBytes: number
  /** Called with each slab when all of it is taken or given up. */
  readonly giveBack: (slab: Buffer) => void
  /** Called once, when the first record was not acknowledged; `firstCode` says why. */
  readonly onFailed: () => void
}

interface Batch extends OutgoingBatch {
  slab: Buffer
  ends: Uint32Array
  partitions: Int32Array
  /** Whether `slab` is the one that came with it, and goes back. */
  isSlabOwned: boolean
  /** Its place among all batches. */
  readonly sequence: number
  /** The first record that librdkafka has not taken. */
  next: number
  /** Records that are not settled. */
  open: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class TopicProducer {
  readonly #topic: number
  /** Not taken by librdkafka as a whole, in the order of the calls. */
  readonly #waiting = new Queue<Batch>()
  /** Not settled as a whole, the oldest first. */
  readonly #open = new Set<Batch>()
  readonly #flushing: { readonly sequence: number; readonly resolve: () => void }[] = []
  #lastSequence = 0
  /** One function for ever, so that a client that is asked for room many times calls it once. */
  readonly #goOn = (): void => this.#pump()
  #waitingBytes = 0
  #waitingRecords = 0
  #inFlightBytes = 0
  #inFlightRecords = 0
  #acknowledged = 0
  #failed = 0
  #unknown = 0
  #firstCode = 0
  #isClosed = false

  constructor(
    private readonly client: ProducerClient,
    private readonly options: TopicProducerOptions
  ) {
    this.#topic = client.openTopic(options.topic)
  }

  get counts(): WriteCounts {
    return { acknowledged: this.#acknowledged, failed: this.#failed, unknown: this.#unknown }
  }

  /** librdkafka's code of the first record that was not acknowledged; 0 while there is none. */
  get firstCode(): number {
    return this.#firstCode
  }

  /** Bytes that librdkafka has not taken yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** What waits for room, with what each record and each call takes beside its bytes. */
  get waitingWeight(): number {
    const { length } = this.#waiting
    return this.#waitingBytes + this.#waitingRecords * RECORD_OVERHEAD_BYTES + length * CALL_OVERHEAD_BYTES
  }

  /** Records that were accepted and are not settled. */
  get openRecords(): number {
    return this.#inFlightRecords + this.#waitingRecords
  }

  /**
   * Accepts a batch of at least one record; its order among the others is that of the calls.
   * @returns resolves when librdkafka has taken all of it, rejects with what `abandon` is given
   */
  send(batch: OutgoingBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const sequence = ++this.#lastSequence
      const open = batch.ends.length
      const accepted: Batch = { ...batch, isSlabOwned: true, sequence, next: 0, open, resolve, reject }
      this.#waiting.push(accepted)
      this.#open.add(accepted)
      this.#waitingBytes += bytesBetween(batch, 0, batch.ends.length)
      this.#waitingRecords += batch.ends.length
      this.#pump()
      if (accepted.next === 0) this.#shrink(accepted)
    })
  }

  /** Resolves when every record accepted so far is settled, whatever is accepted meanwhile; or when this is closed. */
  whenSettled(): Promise<void> {
    return new Promise(resolve => {
      this.#flushing.push({ sequence: this.#lastSequence, resolve })
      this.#wakeFlushing()
    })
  }

  /** Gives up what librdkafka has not taken: it counts as failed, its senders get `error`. */
  abandon(error: unknown): void {
    for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) {
      const given = batch.ends.length - batch.next
      this.#failed += given
      this.#close(batch, given)
      this.#letGo(batch)
      batch.reject(error)
    }
    this.#waitingBytes = this.#waitingRecords = 0
    this.#wakeFlushing()
  }

  /** What is still open counts as unknown from now on. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unknown += this.#inFlightRecords
    this.#inFlightRecords = 0
    this.client.closeTopic(this.#topic)
    // Nothing of this writer settles it any more, so nobody shall wait for that.
    this.#open.clear()
    this.#wakeFlushing()
  }

  #pump(): void {
    for (let batch = this.#waiting.first; batch && !this.#isClosed; batch = this.#waiting.first) {
      const to = this.#roomFor(batch)
      if (to === batch.next) return
      const taken = this.#produce(batch, to)
      const isFull = taken < to
      this.#waitingBytes -= bytesBetween(batch, batch.next, taken)
      this.#waitingRecords -= taken - batch.next
      batch.next = taken
      if (batch.next === batch.ends.length) {
        this.#waiting.shift()
        this.#letGo(batch)
        batch.resolve()
      } else if (isFull) {
        // librdkafka's own queue is full, of whomever's records.
        this.client.onceRoom(this.#goOn)
        return
      }
    }
  }

  /** Of a call that waits: its slab serves others meanwhile. */
  #shrink(batch: Batch): void {
    const { slab, ends } = batch
    const used = ends[ends.length - 1] as number
    if (slab.length < MOSTLY_EMPTY * used) return
    batch.slab = Buffer.from(slab.subarray(0, used))
    batch.isSlabOwned = false
    this.options.giveBack(slab)
  }

  /** Nothing of it is needed any more: what is left of it waits for acknowledgements, and that may be long. */
  #letGo(batch: Batch): void {
    if (batch.isSlabOwned) this.options.giveBack(batch.slab)
    Object.assign(batch, nothing)
  }

  /** The index behind the last record of the batch that may go now: as many as fit into a ticket and the buffer. */
  #roomFor({ ends, next }: Batch): number {
    const start = next === 0 ? 0 : (ends[next - 1] as number)
    const weightUpTo = (index: number): number =>
      (ends[index - 1] as number) - start + (index - next) * RECORD_OVERHEAD_BYTES
    const room = this.options.bufferBytes - this.#inFlightBytes
    // A record larger than a ticket has one of its own, and one larger than the buffer goes alone.
    if (weightUpTo(next + 1) > room) return this.#inFlightBytes === 0 ? next + 1 : next
    let low = next + 1
    let high = ends.length
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (weightUpTo(middle) <= Math.min(TICKET_BYTES, room)) low = middle
      else high = middle - 1
    }
    return low
  }

  #produce(batch: Batch, to: number): number {
    const from = batch.next
    let weight = 0
    const taken = this.client.produce(this.#topic, batch.slab, batch.ends, batch.partitions, from, to, settled =>
      this.#settle(batch, settled, weight)
    )
    weight = bytesBetween(batch, from, taken) + (taken - from) * RECORD_OVERHEAD_BYTES
    this.#inFlightBytes += weight
    this.#inFlightRecords += taken - from
    return taken
  }

  #settle(batch: Batch, { acknowledged, failed, unknown, code }: Settled, weight: number): void {
    this.#inFlightBytes -= weight
    this.#close(batch, acknowledged + failed + unknown)
    if (this.#isClosed) {
      // They were counted as unknown; now it is known.
      this.#unknown -= acknowledged + failed
      this.#acknowledged += acknowledged
      this.#failed += failed
      return
    }
    this.#inFlightRecords -= acknowledged + failed + unknown
    this.#acknowledged += acknowledged
    this.#failed += failed
    this.#unknown += unknown
    if (code !== 0 && this.#firstCode === 0) {
      this.#firstCode = code
      this.options.onFailed()
    }
    if (this.#firstCode === 0) this.#pump()
    this.#wakeFlushing()
  }

  #close(batch: Batch, records: number): void {
    batch.open -= records
    if (batch.open === 0) this.#open.delete(batch)
  }

  #wakeFlushing(): void {
    const [oldest] = this.#open
    // They asked one after the other, so they are done one after the other.
    while (this.#flushing.length > 0 && (this.#flushing[0]?.sequence ?? 0) < (oldest?.sequence ?? Infinity)) {
      this.#flushing.shift()?.resolve()
    }
  }
}

const nothing: OutgoingBatch & { isSlabOwned: boolean } = {
  slab: Buffer.alloc(0),
  ends: new Uint32Array(0),
  partitions: new Int32Array(0),
  isSlabOwned: false
}

function bytesBetween({ ends }: OutgoingBatch, from: number, to: number): number {
  const start = from === 0 ? 0 : (ends[from - 1] as number)
  return to === 0 ? 0 : (ends[to - 1] as number) - start
}
