/** The place in the log at which a reader cannot go on, until a seek or, for a schema it has not heard of, an answer. */
import { UndecodableRecordError } from '../errors.js'
import type { PartitionConsumer, PartitionState } from '../kafka/index.js'
import type { DecodedDrain } from './decode-drained.js'
import type { WriterSchemas } from './writer-schemas.js'

interface Place {
  readonly partition: PartitionState
  readonly offset: number
  readonly error: Error
  /** Whether it may still turn out to be none: its writer's schema is looked for. */
  readonly isPending: boolean
}

export class Obstacle {
  #place: Place | undefined
  #isClosed = false

  /**
   * @param skips - whether records that cannot be decoded are passed over
   * @param onSkipped - called for one that turned out to be none that can be decoded
   */
  constructor(
    private readonly consumer: PartitionConsumer,
    private readonly schemas: WriterSchemas,
    private readonly skips: boolean,
    private readonly onSkipped: () => void
  ) {}

  get isThere(): boolean {
    return this.#place !== undefined
  }

  /** @returns its offset, if it is in this partition */
  offsetIn(partition: PartitionState): number | undefined {
    return this.#place?.partition === partition ? this.#place.offset : undefined
  }

  /** Throws its error, once that is certain. */
  check(): void {
    if (this.#place && !this.#place.isPending) throw this.#place.error
  }

  stop(partition: PartitionState, offset: number, error: Error): void {
    this.#place = { partition, offset, error, isPending: false }
  }

  stopAtRecord(
    partition: PartitionState,
    { offset, reason, unknownSchema }: NonNullable<DecodedDrain<unknown>['undecodable']>
  ): void {
    const error = new UndecodableRecordError(this.consumer.topic, partition.number, offset, reason)
    const isPending = unknownSchema !== undefined
    this.#place = { partition, offset, error, isPending }
    if (isPending) void this.#findSchema(unknownSchema, this.#place)
  }

  /** Reading goes on elsewhere in that partition. */
  forget(partition: PartitionState): void {
    if (this.#place?.partition === partition) this.#place = undefined
  }

  close(): void {
    this.#isClosed = true
  }

  /** Looks for the schema of a record in what is not read yet of the status log, and reads the record anew with it. */
  async #findSchema(fingerprint: string, place: Place): Promise<void> {
    const { partition, offset, error } = place
    const found = await this.schemas.find(fingerprint).catch((failure: unknown) => failure as Error)
    if (this.#place !== place || this.#isClosed) return
    this.#place = undefined
    if (found === true) this.consumer.seek(partition, offset)
    else if (found === false && this.skips) {
      this.onSkipped()
      this.consumer.seek(partition, offset + 1)
    } else {
      this.stop(partition, offset, found === false ? error : found)
      this.consumer.wake()
    }
  }
}
