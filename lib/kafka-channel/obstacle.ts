/** The place in the log at which a reader cannot go on, until a seek or, for a schema it has not heard of, an answer. */
import { UndecodableRecordError } from '../errors.js'
import type { Message, PartitionConsumer, PartitionState } from '../kafka/index.js'
import type { WriterSchemas } from './writer-schemas.js'

/** A record that cannot be decoded. */
export interface BadRecord {
  readonly offset: number
  readonly reason: string
  /** With its key and headers, for who wants them. */
  readonly message?: Message | undefined
}

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
   * @param passOver - called for one that turned out to be none that can be decoded; undefined where reading then stays
   *   in front of it
   */
  constructor(
    private readonly consumer: PartitionConsumer,
    private readonly schemas: WriterSchemas,
    private readonly passOver: ((partition: PartitionState, record: BadRecord) => void) | undefined
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

  /** @param unknownSchema - the fingerprint of its schema, if nobody told of it yet */
  stopAtRecord(partition: PartitionState, record: BadRecord, unknownSchema?: string): void {
    const { offset, reason } = record
    const error = new UndecodableRecordError(this.consumer.topic, partition.number, offset, reason)
    const isPending = unknownSchema !== undefined
    this.#place = { partition, offset, error, isPending }
    if (isPending) void this.#findSchema(unknownSchema, this.#place, record)
  }

  /** Reading goes on elsewhere in that partition. */
  forget(partition: PartitionState): void {
    if (this.#place?.partition === partition) this.#place = undefined
  }

  close(): void {
    this.#isClosed = true
  }

  /** Looks for the schema of a record in what is not read yet of the status log, and reads the record anew with it. */
  async #findSchema(fingerprint: string, place: Place, record: BadRecord): Promise<void> {
    const { partition, offset, error } = place
    const found = await this.schemas.find(fingerprint).catch((failure: unknown) => failure as Error)
    if (this.#place !== place || this.#isClosed) return
    this.#place = undefined
    if (found === true) this.consumer.seek(partition, offset)
    else if (found === false && this.passOver) {
      this.passOver(partition, record)
      this.consumer.seek(partition, offset + 1)
    } else {
      this.stop(partition, offset, found === false ? error : found)
      this.consumer.wake()
    }
  }
}
