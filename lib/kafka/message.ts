/**
 * A message with a key and headers, as an object: what comes at a low rate, such as the status messages of a channel.
 * Data records travel as slabs instead (producer-client.ts, consumer-client.ts).
 */
import type { NativeMessage } from '../native/index.js'

/** A message in a topic. Its buffers are the caller's own: no later message changes them. */
export interface Message {
  /** `null` for none, which is not the same as an empty one. */
  readonly key: Buffer | null
  /** `null` for a tombstone: in a compacted topic it ends what stood under its key. */
  readonly value: Buffer | null
  /** In the order in which they were sent; a name may come several times. A value that is null comes as an empty one. */
  readonly headers: readonly (readonly [name: string, value: Buffer])[]
  readonly offset: number
  /** Milliseconds since the epoch; -1 where there is none. */
  readonly timestamp: number
}

/** A message to send. No name of a header holds a NUL. */
export type OutgoingMessage = Pick<Message, 'key' | 'value' | 'headers'>

const EMPTY = Buffer.alloc(0)

/** @param native - no error */
export function messageOf({ key, value, headers, offset, timestamp }: NativeMessage): Message {
  return { key, value, headers: pairsOf(headers), offset, timestamp }
}

function pairsOf(flat: NativeMessage['headers']): [string, Buffer][] {
  const pairs: [string, Buffer][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, (flat[i + 1] as Buffer | null) ?? EMPTY])
  return pairs
}
