/** Goes on behind records that were removed from the log before they were read, and counts them. */
import { Deadline } from '../deadline.js'
import { BrokerError, type OffsetOutOfRangeError, TimeoutError } from '../errors.js'
import { firstOffsets, type PartitionConsumer, type PartitionState } from '../kafka/index.js'

/** How long one question for the first offset may take before it is asked anew. */
const ASK_TIMEOUT_MS = 60_000

export class Gaps {
  #lost = 0
  /** The gaps at which reading stands; one that is no longer here was left by a seek. */
  readonly #open = new Map<PartitionState, OffsetOutOfRangeError>()
  #isClosed = false

  /** @param onStuck - called with the error at which reading cannot go on */
  constructor(
    private readonly consumer: PartitionConsumer,
    private readonly onStuck: (partition: PartitionState, offset: number, error: Error) => void
  ) {}

  /** Offsets of all gaps that were passed. */
  get lost(): number {
    return this.#lost
  }

  /**
   * Seeks behind a gap as soon as a broker tells where the log begins. Whoever reads waits meanwhile as for records,
   * each with a deadline of its own.
   */
  pass(partition: PartitionState, gap: OffsetOutOfRangeError): void {
    this.#open.set(partition, gap)
    this.#firstOffset(partition, gap).then(
      first => this.#goOn(partition, gap, first),
      (error: unknown) => this.#stop(partition, gap, error as Error)
    )
  }

  /** Reading goes on elsewhere. */
  forget(partition: PartitionState): void {
    this.#open.delete(partition)
  }

  close(): void {
    this.#isClosed = true
    this.#open.clear()
  }

  async #firstOffset(partition: PartitionState, gap: OffsetOutOfRangeError): Promise<number> {
    const { client, topic } = this.consumer
    for (;;) {
      try {
        const deadline = new Deadline({}, ASK_TIMEOUT_MS)
        return (await firstOffsets(client, topic, [partition.number], deadline)).get(partition.number) ?? -1
      } catch (error) {
        const mayPass = error instanceof TimeoutError || (error instanceof BrokerError && error.isRetriable)
        if (!mayPass || !this.#isAt(partition, gap)) throw error
      }
    }
  }

  #goOn(partition: PartitionState, gap: OffsetOutOfRangeError, first: number): void {
    if (!this.#isAt(partition, gap)) return
    // Beyond the end, nothing was removed before it was read: the topic was cut, or is another one of the same name.
    // Where to begin in that one, only the user knows.
    if (first <= gap.offset) return this.#stop(partition, gap, gap)
    this.#open.delete(partition)
    try {
      this.consumer.seek(partition, first)
      this.#lost += first - gap.offset
    } catch (error) {
      this.onStuck(partition, gap.offset, error as Error)
      this.consumer.wake()
    }
  }

  #stop(partition: PartitionState, gap: OffsetOutOfRangeError, error: Error): void {
    if (!this.#isAt(partition, gap)) return
    this.#open.delete(partition)
    this.onStuck(partition, gap.offset, error)
    this.consumer.wake()
  }

  #isAt(partition: PartitionState, gap: OffsetOutOfRangeError): boolean {
    return !this.#isClosed && this.#open.get(partition) === gap
  }
}
