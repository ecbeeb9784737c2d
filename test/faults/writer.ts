/** A writer of a run: writes at a steady rate, and writes down what it sent and what became of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaChannelWriter } from 'millrace'
import type { NewEvent, Values } from '../checker/events.js'
import { type CheckedRecord, checkedSchema, keysOfPartitions, recordsOf } from '../checker/records.js'
import { type Life, live, OPEN_TIMEOUT_MS } from './child.js'

/** From one round of writing to the next, where the brokers are quick enough. */
const PACE_MS = 20
/** A writer that was held up makes up for so much of it at once, as one whose source goes on does. */
const MOST_MS = 4000
const CLOSE_TIMEOUT_MS = 60_000

await live(async life => {
  const { settings, history, stop, finish } = life
  const { location, channelName, name, members, onPeerLost, patienceMs } = settings
  const keys = keysOfPartitions(members)
  const opening = KafkaChannelWriter.open<CheckedRecord>({
    location,
    channelName,
    schema: checkedSchema,
    name,
    onPeerLost,
    patienceMs,
    partitionBy: ({ partition }) => keys[partition] as string,
    timeoutMs: OPEN_TIMEOUT_MS,
    signal: stop
  })
  const writer = await history.wait('open', OPEN_TIMEOUT_MS, opening)
  try {
    const next = Array.from({ length: members }, () => 0)
    let began = performance.now()
    while (!stop.aborted && !finish.aborted) {
      const before = began
      began = performance.now()
      await writeRound(life, writer, next, Math.min(MOST_MS, Math.max(PACE_MS, began - before)))
      const left = PACE_MS - (performance.now() - began)
      if (left > 0) await sleep(left)
    }
    if (!stop.aborted) await history.wait('close', CLOSE_TIMEOUT_MS, writer.close({ timeoutMs: CLOSE_TIMEOUT_MS }))
  } finally {
    await writer.leave()
  }
})

/** What is due in so many milliseconds, to all partitions; resolves when it is acknowledged. */
async function writeRound(
  life: Life,
  writer: KafkaChannelWriter<CheckedRecord>,
  next: number[],
  ms: number
): Promise<void> {
  const { settings, history } = life
  const each = Math.max(1, Math.round((settings.recordsPerSecond * ms) / 1000 / next.length))
  const sent = next.map((from, p): Values => {
    return { w: settings.name, life: history.life, p, from, to: from + each - 1 }
  })
  history.append(...sent.map((values): NewEvent => ({ e: 'sent', ...values })))
  try {
    await writer.write(sent.flatMap(values => recordsOf(values)))
    await writer.flush()
  } catch (error) {
    history.append(...sent.map((values): NewEvent => ({ e: 'unknown', ...values })))
    throw error
  }
  history.append(...sent.map((values): NewEvent => ({ e: 'ack', ...values })))
  for (const p of next.keys()) next[p] = (next[p] as number) + each
  life.progress += each * next.length
}
