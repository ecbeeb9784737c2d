/** How an end leaves its channel in good order. */
import { Deadline } from '../../deadline.js'
import { TimeoutError } from '../../errors.js'
import type { ChannelEnd } from './channel-end.js'
import type { Ends } from './end-report.js'
import { type ChannelTopics, retire, untilRunIsOver } from './retire.js'

/** For the last word of an end whose time ran out in waiting for others. */
const LAST_WORD_MS = 5000

/**
 * @param ends - behind the writer's last record of each partition it wrote to, asked from the broker after the last
 *   acknowledgement
 */
export async function closeWriter(end: ChannelEnd, ends: Ends, deadline: Deadline): Promise<void> {
  try {
    await end.ensureNewest(deadline)
    // Over those of its earlier lives, which may not be read yet either.
    const all = new Map([...(end.report.ends ?? []), ...ends])
    await end.tell({ state: 'Stopped', ends: all }, deadline)
    await end.tell({ state: 'Closed' }, deadline)
  } finally {
    end.end()
  }
}

/**
 * A member that has read and committed everything closes at once; the principal after all others, to say that the whole
 * run is over, and to delete the topics.
 *
 * @param finished - what the principal says is over; undefined for a reader that leaves early
 * @param topics - of the channel
 * @returns why the topics were kept, where they might have gone; undefined else
 */
export async function closeReader(
  end: ChannelEnd,
  finished: number | undefined,
  topics: ChannelTopics,
  deadline: Deadline
): Promise<string | undefined> {
  try {
    await end.ensureNewest(deadline)
    await end.tell({ state: 'Stopped' }, deadline)
    if (finished === undefined || end.self.groupIndex !== 0) {
      await end.tell({ state: 'Closed' }, deadline)
      return undefined
    }
    const unfinished = await untilRunIsOver(end, topics, deadline).catch(reasonOfTimeout)
    if (unfinished !== undefined) {
      await end.tell({ state: 'Closed' }, lastWord(end))
      return unfinished
    }
    // Also when the deletion failed: others wait for it to be over.
    const tellClosed = async (): Promise<void> => {
      if (!end.failure) await end.tell({ state: 'Closed', finishedUpTo: finished }, lastWord(end))
    }
    let kept: string | undefined
    try {
      kept = await retire(end, topics, deadline).catch(reasonOfTimeout)
    } catch (error) {
      // What it is told in may be among the topics that are deleted already; why the others are not is what counts.
      await tellClosed().catch(() => undefined)
      throw error
    }
    if (kept !== undefined) await tellClosed()
    return kept
  } finally {
    end.end()
  }
}

function lastWord({ status }: ChannelEnd): Deadline {
  return new Deadline({}, LAST_WORD_MS, status.clock)
}

function reasonOfTimeout(error: unknown): string {
  if (error instanceof TimeoutError) return error.message
  throw error
}
