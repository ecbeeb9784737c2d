/** What a writer on Kafka makes of the other ends of its channel, and how it says where it ended. */
import { type ChannelEnd, closeWriter, lostPeer, type PeerRecord } from '../channel/index.js'
import { Deadline } from '../deadline.js'
import { endOffsets } from '../kafka/index.js'
import type { OpenWriter } from './open-writer.js'
import type { CheckedWriterOptions } from './writer-options.js'

/** For what an end says when it fails, beside the error that its user gets. */
const LAST_WORD_MS = 5000

export class WriterStatus {
  #failure: Error | undefined
  /** That it has failed, on its way to the others. */
  #lastWord: Promise<void> | undefined

  constructor(
    private readonly options: CheckedWriterOptions<unknown>,
    private readonly open: OpenWriter,
    /** Called when `failure` or `groupSize` may be another. */
    private readonly onChange: () => void
  ) {
    open.listen(() => this.#look())
  }

  /** Why this writer cannot go on: a reader that failed, one of its own name that opened later, topics that went. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** How many partitions get records: as many as the principal says that its group has members. */
  get groupSize(): number {
    const { partitionCount } = this.open.ids.data
    const { groupSize = 0 } = this.#end.status.table.principal() ?? {}
    return groupSize > 0 ? Math.min(groupSize, partitionCount) : partitionCount
  }

  get peers(): readonly PeerRecord[] {
    const { table } = this.#end.status
    return [...table.peers('reader'), ...table.peers('writer')]
  }

  fail(error: Error): void {
    if (this.#failure) return
    this.#failure = error
    this.#lastWord = this.#end.fail(error, new Deadline({}, LAST_WORD_MS))
    this.onChange()
  }

  /**
   * Says where it ended. To be called when all that was written is acknowledged, so that what the broker then calls the
   * end is behind it.
   *
   * @param partitions - it has written to
   */
  async close(partitions: Iterable<number>, deadline: Deadline): Promise<void> {
    if (this.#failure || this.#end.failure) return
    const { data } = this.open.ids
    const all = this.#end.followsCrash ? Array.from({ length: data.partitionCount }, (_, i) => i) : [...partitions]
    const { admin } = this.open
    const ends = await endOffsets(admin.client, data.name, all, deadline, true)
    await closeWriter(this.#end, ends, deadline)
  }

  /** Gives back what it shares. */
  async release(deadline: Deadline): Promise<void> {
    if (this.#lastWord) await deadline.wait(this.#lastWord, 'the last word of this writer').catch(() => undefined)
    this.#end.end()
    await Promise.all([this.open.status.release(deadline), this.open.admin.release(deadline)])
  }

  get #end(): ChannelEnd {
    return this.open.end
  }

  #look(): void {
    if (this.#failure) return
    const failure = this.#end.failure ?? lostPeer(this.#end, this.options.waitsForLost)
    if (failure) this.fail(failure)
    else this.onChange()
  }
}
