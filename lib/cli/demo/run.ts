/** Runs the demo: opens both sides, writes with back-pressure, reads until the channel has come to its end. */
import { randomUUID } from 'node:crypto'
import type { TestBroker } from '../../broker/index.js'
import { Deadline } from '../../deadline.js'
import { KafkaChannelReader, KafkaChannelWriter } from '../../kafka-channel/index.js'
import { deleteTopic } from '../../kafka/index.js'
import { Account, type MemberAccount } from './account.js'
import { type ProgressBar, progressBar } from './progress.js'
import { type Sample, sampleMaker, schema } from './samples.js'

export interface DemoOptions {
  readonly records: number
  readonly members: number
  readonly recordBytes: number
}

export interface DemoResult {
  readonly broker: { readonly kind: string; readonly bootstrapServers: string }
  readonly written: number
  readonly acknowledged: number
  readonly account: Account
  readonly perMember: readonly (MemberAccount & { readonly lag: number | null })[]
  /** From the first write to the last acknowledgement, to the last record read, and with opening and closing. */
  readonly seconds: { readonly write: number; readonly read: number; readonly total: number }
}

type Reader = KafkaChannelReader<Sample>
type Writer = KafkaChannelWriter<Sample>

const BATCH_RECORDS = 1000
/** The embedded broker keeps 5 MB a partition and drops the oldest beyond, so the writer stays less ahead than that. */
const EMBEDDED_AHEAD_BYTES = 2 * 1024 * 1024
/** Without a record for so long something is wrong; the account then says what is missing. */
const STALL_MS = 30_000

export async function runDemo(
  broker: TestBroker,
  options: DemoOptions,
  terminal: NodeJS.WriteStream | undefined,
  stop: AbortSignal
): Promise<DemoResult> {
  const begin = performance.now()
  const channelName = `millrace.demo.${randomUUID()}`
  const { writer, readers } = await openBoth(broker.bootstrapServers, channelName, options.members, stop)
  const account = new Account(options.records, options.members, options.recordBytes)
  const bar = progressBar(terminal, options.records)
  const ahead = broker.kind === 'embedded' ? recordsAhead(options) : Infinity
  const start = performance.now()
  const [stalled, isOver] = [new AbortController(), new AbortController()]
  const ending = AbortSignal.any([stalled.signal, stop])
  let isFinished = false
  const writeSide = async (): Promise<{ written: number; write: number }> => {
    const written = await writeAll(writer, options, account, ahead, stop)
    const write = secondsSince(start)
    // Its readers hear where it has ended, and end there by themselves.
    await writer.close()
    void account.stalls(STALL_MS, isOver.signal).then(() => stalled.abort())
    return { written, write }
  }
  try {
    const [{ written, write }] = await Promise.all([
      writeSide(),
      ...readers.map(reader => readAll(reader, account, bar, ending))
    ])
    stop.throwIfAborted()
    const read = (account.lastAt - start) / 1000
    const lags = await Promise.all(readers.map(reader => reader.lag()))
    isFinished = readers.every(reader => reader.isFinished)
    // The principal's waits for the others, and deletes the topics.
    await Promise.all(readers.map(reader => reader.close({ timeoutMs: STALL_MS })))
    return {
      broker: { kind: broker.kind, bootstrapServers: broker.bootstrapServers },
      written,
      acknowledged: writer.counts.acknowledged,
      account,
      perMember: account.members.map((member, i) => ({ ...member, lag: lags[i] ?? null })),
      seconds: { write, read, total: secondsSince(begin) }
    }
  } finally {
    bar.end()
    isOver.abort()
    await Promise.allSettled([writer.close(), ...readers.map(reader => reader.close())])
    if (!isFinished) await deleteAll(broker.bootstrapServers, channelName)
  }
}

/** What is read to its end is deleted by the channel's principal; of a run that failed, the demo leaves nothing either. */
async function deleteAll(bootstrapServers: string, channelName: string): Promise<void> {
  for (const topic of [channelName, `${channelName}.input.state`, `${channelName}.output.state`]) {
    await deleteTopic({ bootstrapServers }, topic, new Deadline({}, STALL_MS))
  }
}

async function openBoth(
  location: string,
  channelName: string,
  members: number,
  signal: AbortSignal
): Promise<{ writer: Writer; readers: readonly Reader[] }> {
  const common = { location, channelName, schema, signal }
  // Together: the writer and the replicas wait for the topic that the principal creates.
  const openings = [
    KafkaChannelWriter.open<Sample>({ ...common, name: channelName }),
    ...Array.from({ length: members }, (_, index) =>
      KafkaChannelReader.open<Sample>({ ...common, group: { index, size: members } })
    )
  ] as [Promise<Writer>, ...Promise<Reader>[]]
  try {
    const [writer, ...readers] = await Promise.all(openings)
    return { writer, readers }
  } catch (error) {
    await Promise.allSettled(openings.map(async opening => (await opening).close()))
    // The topics may be there already; without a broker it is the first error that counts.
    if (signal.aborted) await deleteAll(location, channelName).catch(() => undefined)
    throw error
  }
}

async function readAll(reader: Reader, account: Account, bar: ProgressBar, signal: AbortSignal): Promise<void> {
  for await (const batch of reader.batches({ signal })) {
    account.add(batch)
    bar.show(account.read)
  }
  if (reader.isFinished) await reader.commit()
}

/** @returns how many records were accepted */
async function writeAll(
  writer: Writer,
  { records, recordBytes }: DemoOptions,
  account: Account,
  ahead: number,
  stop: AbortSignal
): Promise<number> {
  const make = sampleMaker(recordBytes)
  for (let next = 0; next < records;) {
    stop.throwIfAborted()
    const count = Math.min(BATCH_RECORDS, records - next)
    if (!(await account.reaches(next + count - ahead, STALL_MS, stop))) return next
    const first = next
    await writer.write(Array.from({ length: count }, (_, i) => make(first + i)))
    next += count
  }
  await writer.flush()
  return records
}

function recordsAhead({ members, recordBytes }: DemoOptions): number {
  return Math.max(BATCH_RECORDS, Math.floor((members * EMBEDDED_AHEAD_BYTES) / recordBytes))
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}
