/** The schemas that a channel's writers announce in the status log, learnt by a reader as it needs them. */
import { type BatchDecoder, RecordType } from '../avro/index.js'
import type { ChannelStatus, PeerRecord } from '../channel/index.js'
import { Deadline } from '../deadline.js'
import { SchemaError } from '../errors.js'

/** How long an announcement may take that a writer has made before it wrote its first record. */
const LEARN_TIMEOUT_MS = 30_000

export class WriterSchemas {
  constructor(
    private readonly decoder: BatchDecoder<unknown>,
    private readonly status: ChannelStatus,
    private readonly isPlain: boolean
  ) {}

  /**
   * At opening: what the writers announce that this reader reads from.
   * @throws SchemaError when one of them cannot be read, or plain records would be read with another schema
   */
  learnAll(writers: readonly PeerRecord[]): void {
    for (const { fingerprint, name } of writers) {
      if (fingerprint === null || this.decoder.knows(fingerprint)) continue
      if (this.isPlain) throw this.#otherPlain(name, fingerprint)
      this.learn(fingerprint)
    }
  }

  /**
   * In front of a record of that schema.
   * @returns whether the decoder knows now what it is: a record to decode, or one that cannot be, with the reason
   */
  settle(fingerprint: string): boolean {
    try {
      return this.learn(fingerprint)
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error
      this.decoder.refuse(fingerprint, error.message)
      return true
    }
  }

  /**
   * @returns whether records of that schema can be decoded now
   * @throws SchemaError when it was announced and cannot be read as the reader's
   */
  learn(fingerprint: string): boolean {
    const announced = this.status.table.schemas.get(fingerprint)
    if (announced === undefined || this.isPlain) return false
    const type = RecordType.of(announced)
    // What somebody announced under a fingerprint that is not its own decodes nothing.
    if (type.fingerprint !== fingerprint) return false
    this.decoder.add(type)
    return true
  }

  /** As `settle`, of one that may be announced in what is not read yet of the status log. */
  async find(fingerprint: string): Promise<boolean> {
    await this.status.readToEnd(new Deadline({}, LEARN_TIMEOUT_MS))
    return this.decoder.knows(fingerprint) || this.settle(fingerprint)
  }

  #otherPlain(writer: string, fingerprint: string): SchemaError {
    const announced = this.status.table.schemas.get(fingerprint) ?? `the one of fingerprint ${fingerprint}`
    return new SchemaError(
      'ERR_MILLRACE_SCHEMA_INCOMPATIBLE',
      `the writer ${writer} of ${this.status.channelName} writes plain records of another schema than this reader reads: give its ` +
        `schema as writerSchemas: [${announced.slice(0, 1000)}]`
    )
  }
}
