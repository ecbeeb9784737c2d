/** One run of a channel from its opening to its end, whose ends are users of a secured cluster: a group of two, a writer. */
import { KafkaChannelReader, type KafkaChannelReaderOptions, KafkaChannelWriter } from 'millrace'
import { type Item, items, itemSchema, type ReaderOptions } from './channel-fixture.js'
import type { SecureBroker, User } from './secure-broker.js'

const RECORDS = 20
const TIMEOUT_MS = 20_000

export interface Users {
  readonly principal: User
  readonly member: User
  readonly writer: User
}

/** What came of a run. */
export interface Outcome {
  readonly read: number
  readonly deadLettered: number
}

/**
 * @param options - of both readers
 * @throws the first error of an end; the others are then ended
 */
export async function runOfUsers(
  { location }: SecureBroker,
  channelName: string,
  { principal, member, writer }: Users,
  options: ReaderOptions
): Promise<Outcome> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(2 * TIMEOUT_MS)])
  const common = { location, channelName, schema: itemSchema, timeoutMs: TIMEOUT_MS, signal }
  const group = { name: 'group', size: 2 }
  const readerOf = (user: User, index: number): KafkaChannelReaderOptions<Item> => {
    return { ...common, channelConfig: user.settings, ...options, group: { ...group, index } }
  }
  const opened: { close(options?: object): Promise<unknown> }[] = []
  const kept = <End extends { close(options?: object): Promise<unknown> }>(end: End): End => {
    opened.push(end)
    return end
  }
  let first: { readonly error: unknown } | undefined
  const orStop = async <Result>(act: Promise<Result>): Promise<Result> => {
    try {
      return await act
    } catch (error) {
      first ??= { error }
      stop.abort()
      throw error
    }
  }
  const open = async (user: User, index: number): Promise<KafkaChannelReader<Item>> =>
    kept(await KafkaChannelReader.open<Item>(readerOf(user, index)))
  const read = async (reader: KafkaChannelReader<Item>): Promise<Outcome> => {
    let count = 0
    for await (const { records } of reader.batches({ signal })) {
      count += records.length
      await reader.commit({ signal })
    }
    const { deadLettered } = reader
    // The principal waits for the other.
    await reader.close({ timeoutMs: TIMEOUT_MS, signal })
    if (reader.topicsKept !== undefined) throw new Error(`topics were kept: ${reader.topicsKept}`)
    return { read: count, deadLettered }
  }
  const write = async (): Promise<Outcome> => {
    const end = kept(await KafkaChannelWriter.open<Item>({ ...common, name: 'writer', channelConfig: writer.settings }))
    await end.write(items(RECORDS), { signal })
    await end.close({ timeoutMs: TIMEOUT_MS, signal })
    return { read: 0, deadLettered: 0 }
  }
  try {
    // First: it may have partitions to add.
    const leading = await open(principal, 0)
    const outcomes = await Promise.all([read(leading), open(member, 1).then(read), write()].map(orStop))
    return outcomes.reduce((sum, one) => ({
      read: sum.read + one.read,
      deadLettered: sum.deadLettered + one.deadLettered
    }))
  } catch (error) {
    throw first?.error ?? error
  } finally {
    stop.abort()
    await Promise.allSettled(opened.map(end => end.close({ timeoutMs: 3000 })))
  }
}
