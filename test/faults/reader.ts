/** A member of a run's group: reads to the end, commits after each batch, and writes down what it did. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaChannelReader } from 'millrace'
import { type CheckedRecord, checkedSchema, runsOf } from '../checker/records.js'
import { GROUP, live, OPEN_TIMEOUT_MS } from './child.js'
import { MAX_BATCH_RECORDS, WORK_MS } from './settings.js'

/** The principal waits here for the others. */
const CLOSE_TIMEOUT_MS = 60_000

await live(async life => {
  const { settings, history, stop } = life
  const { location, channelName, name, index, members, writers, onPeerLost, patienceMs } = settings
  const opening = KafkaChannelReader.open<CheckedRecord>({
    location,
    channelName,
    schema: checkedSchema,
    name,
    group: { name: GROUP, index, size: members },
    writers,
    onPeerLost,
    patienceMs,
    // So that the log can be looked at afterwards.
    resources: 'keep',
    maxBatchRecords: MAX_BATCH_RECORDS,
    timeoutMs: OPEN_TIMEOUT_MS,
    signal: stop
  })
  const reader = await history.wait('open', OPEN_TIMEOUT_MS, opening)
  try {
    for await (const batch of reader.batches({ signal: stop })) {
      const { partition: p, lastOffset } = batch
      history.append({ e: 'read', r: name, p, runs: runsOf(batch) })
      life.progress += batch.records.length
      // Its work: a process that is killed is mostly killed in the middle of it.
      await sleep(WORK_MS)
      history.append({ e: 'done', r: name, p, next: lastOffset + 1 })
      await batch.done()
      history.append({ e: 'commit', r: name, p, next: lastOffset + 1 })
    }
  } finally {
    await history.wait('close', CLOSE_TIMEOUT_MS, reader.close({ timeoutMs: CLOSE_TIMEOUT_MS }))
  }
})
