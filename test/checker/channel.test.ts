/** A checked run on a channel as small as one can be: how its ends write their histories down. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { onEachBroker } from '../support/brokers.js'
import { ChannelFixture } from '../support/channel-fixture.js'
import { check } from './check.js'
import type { Values } from './events.js'
import { HistoryFile, readHistories } from './history.js'
import { readingOf } from './log-index.js'
import { type CheckedRecord, checkedSchema, keysOfPartitions, recordsOf, runsOf } from './records.js'

const PARTITIONS = 2
const BATCHES = 20
const BATCH = 50
const TIMEOUT_MS = 20_000

onEachBroker('a run of a channel that is checked', broker => {
  let folder: string
  let fixture: ChannelFixture
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-checked-'))
    fixture = new ChannelFixture(broker)
  })
  afterEach(async () => {
    await fixture.close()
    rmSync(folder, { recursive: true })
  })
  const common = (): Omit<ChannelFixture['common'], 'schema'> & { schema: typeof checkedSchema } => {
    return { ...fixture.common, schema: checkedSchema }
  }

  async function write(): Promise<void> {
    const history = HistoryFile.begin(join(folder, 'run'), 'writer0')
    const keys = keysOfPartitions(PARTITIONS)
    const partitionBy = ({ partition }: CheckedRecord): string => keys[partition] as string
    await using writer = await KafkaChannelWriter.open<CheckedRecord>({ ...common(), name: 'writer0', partitionBy })
    for (let batch = 0; batch < BATCHES; batch++) {
      const sent = Array.from({ length: PARTITIONS }, (_, p): Values => {
        return { w: 'writer0', life: history.life, p, from: batch * BATCH, to: (batch + 1) * BATCH - 1 }
      })
      history.append(...sent.map(values => ({ e: 'sent', ...values }) as const))
      await writer.write(sent.flatMap(values => recordsOf(values)))
      await history.wait('flush()', TIMEOUT_MS, writer.flush())
      history.append(...sent.map(values => ({ e: 'ack', ...values }) as const))
    }
    history.end()
  }

  /** @param group - `index` of `size` members of the group `name` */
  async function read(run: string, group: { name: string; index: number; size: number }): Promise<void> {
    const r = `${group.name}.${group.index}`
    const history = HistoryFile.begin(join(folder, run), r)
    await using reader = await KafkaChannelReader.open<CheckedRecord>({ ...common(), group, resources: 'keep' })
    for await (const batch of reader.batches()) {
      const { partition: p, lastOffset } = batch
      history.append({ e: 'read', r, p, runs: runsOf(batch) }, { e: 'done', r, p, next: lastOffset + 1 })
      await history.wait('done()', TIMEOUT_MS, batch.done())
      history.append({ e: 'commit', r, p, next: lastOffset + 1 })
    }
    history.end()
  }

  it('has nothing that the checker finds', async () => {
    const members = Array.from({ length: PARTITIONS }, (_, index) => ({ name: 'group', index, size: PARTITIONS }))
    await Promise.all([write(), ...members.map(group => read('run', group))])
    // Any group of as many members can be the observer: its histories are one reading of the log.
    await Promise.all(members.map(group => read('observer', { ...group, name: 'observer' })))
    const observers = readHistories(join(folder, 'observer'))
    const log = observers.flatMap(history => [...readingOf(history)])
    const outcome = check(readHistories(join(folder, 'run')), log, { windowRecords: 0 })
    expect(outcome.violated).to.deep.equal([])
    const all = PARTITIONS * BATCHES * BATCH
    expect(outcome.counts).to.include({ sent: all, acknowledged: all, inLog: all, read: all, reRead: 0, lives: 3 })
  })
})
