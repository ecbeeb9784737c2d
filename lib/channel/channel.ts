/** The two ends of a channel, without a word of the technology that carries it. */
import type { WaitOptions } from '../deadline.js'
import type { WriteCounts } from '../errors.js'

/** Records that were read together. A batch never crosses partitions. */
export interface Batch<T> {
  /** In the order of the log. */
  readonly records: T[]
  readonly partition: number
  /** Offset of the first record. */
  readonly firstOffset: number
  /** Offset of the last record. There may be gaps before it: never compute one offset from another. */
  readonly lastOffset: number
  /** Milliseconds since the epoch, one per record. */
  readonly timestamps: Float64Array
  /** Commits everything up to this batch's end, as `commit()` does for all that was handed out. */
  done(options?: WaitOptions): Promise<void>
}

/** What limits a `read()`. */
export interface ReadOptions extends WaitOptions {
  /** At most so many records; by default the reader's `maxBatchRecords`. */
  readonly maxRecords?: number | undefined
}

/** What limits a loop over `batches()`. It has no deadline: it goes on until the channel is at its end, or it is ended. */
export interface BatchesOptions {
  /** Aborted, it ends the loop as `close()` does; `signal.aborted` tells which it was. */
  readonly signal?: AbortSignal | undefined
  /** At most so many records a batch; by default the reader's `maxBatchRecords`. */
  readonly maxRecords?: number | undefined
}

/** The reading end of a channel: one member of a group. */
export interface ChannelReader<T> extends AsyncDisposable {
  /**
   * The next records, waiting while there are none. Without `timeoutMs` it waits until there are some, the signal is
   * aborted, the reader is closed, or all writers have stopped and everything is handed out.
   */
  read(options?: ReadOptions): Promise<Batch<T>>
  /** The batches, one after the other, until the channel's end, `close()` or the signal; leaving the loop closes nothing. */
  batches(options?: BatchesOptions): AsyncIterableIterator<Batch<T>>
  /** Goes on at another offset, over a record that cannot be decoded, or back. */
  seek(place: { readonly offset: number; readonly partition?: number | undefined }): Promise<void>
  /** Makes everything handed out so far the place where this member starts after a restart. */
  commit(options?: WaitOptions): Promise<void>
  /** Records between what was handed out and the end of the log, in offsets; `null` when it cannot be known. */
  lag(options?: WaitOptions): Promise<number | null>
  /**
   * Idempotent, at any time. Commits nothing. At the channel's end the principal's waits until all others have closed, and
   * deletes what the channel took.
   */
  close(options?: WaitOptions): Promise<void>
}

/** The writing end of a channel. */
export interface ChannelWriter<T> extends AsyncDisposable {
  /**
   * Accepts a batch whole or not at all. Encodes before it returns, so that later changes to a record do not matter;
   * resolves when the bounded buffer has room for the batch.
   */
  write(records: readonly T[], options?: WaitOptions): Promise<void>
  /** Resolves when everything accepted so far is acknowledged. */
  flush(options?: WaitOptions): Promise<void>
  /** Flushes, tells the readers where this writer has ended, and gives everything back. Idempotent, at any time. */
  close(options?: WaitOptions): Promise<void>
  /**
   * Flushes and gives everything back without an end: the readers wait for a writer of the same name. For a process that
   * is stopped and started again. Idempotent; the first of `close()` and `leave()` holds.
   */
  leave(options?: WaitOptions): Promise<void>
  /** What became of the records so far. */
  readonly counts: WriteCounts
}
