/** One run: a channel under load, faults one after the other, its good end, and what the checker makes of it. */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deleteTopic } from '../../lib/kafka/index.js'
import { check, type Outcome } from '../checker/check.js'
import { HistoryFile, readHistories } from '../checker/history.js'
import { eventually } from '../support/eventually.js'
import { within } from '../support/raw.js'
import { channelTopics } from '../support/topic-names.js'
import { Actor } from './actor.js'
import type { ChildSettings } from './child.js'
import type { Cluster } from './cluster.js'
import { Nemesis } from './nemesis.js'
import { observe } from './observer.js'
import type { Fault } from './schedule.js'
import { MAX_BATCH_RECORDS, MEMBERS, PATIENCE_MS, RECORDS_PER_SECOND, WRITERS } from './settings.js'

const END_TIMEOUT_MS = 120_000
const DELETE_TIMEOUT_MS = 30_000

export interface RunOptions {
  readonly faults: readonly Fault[]
  readonly onPeerLost: 'fail' | 'wait'
  readonly switchedOff: string | undefined
  /** Is told of each fault before it happens. */
  readonly onFault: (fault: Fault) => void
}

export interface Result {
  readonly outcome: Outcome
  /** From the first record to the last, in seconds. */
  readonly seconds: number
  /** Why it did not come to its end; undefined if it did. */
  readonly stuck: string | undefined
  /** How the processes ended, and how often each. */
  readonly ends: ReadonlyMap<string, number>
  /** Where the histories are, to find out why something is wrong; undefined where nothing is. */
  readonly histories: string | undefined
}

export async function run(cluster: Cluster, options: RunOptions): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-faults-'))
  const history = HistoryFile.begin(folder, 'nemesis')
  const channelName = `faults.${randomUUID()}`
  const actors = castOf(cluster, channelName, folder, history, options)
  const [principal, reader] = actors as [Actor, Actor]
  const nemesis = new Nemesis({ principal, reader, writer: actors[MEMBERS] as Actor, all: actors }, cluster, history)
  const clear = (): void => {
    for (const actor of actors) actor.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', clear)
  try {
    const began = performance.now()
    for (const actor of actors) actor.start()
    const stuck = await play(nemesis, actors, options).then(
      () => undefined,
      (error: unknown) => (error as Error).message
    )
    const seconds = (performance.now() - began) / 1000
    await Promise.all(actors.map(actor => actor.end()))
    history.end()
    const log = await observe(cluster.brokers.bootstrapServers, channelName, MEMBERS)
    // A broker that was killed reads through all that it has before it is back.
    for (const topic of await channelTopics(cluster.brokers, channelName)) {
      await deleteTopic(cluster.brokers, topic, within(DELETE_TIMEOUT_MS))
    }
    const outcome = check(readHistories(folder), log, { windowRecords: MAX_BATCH_RECORDS, pauses: nemesis.pauses })
    const isWell = outcome.violated.length === 0 && stuck === undefined
    if (isWell) await rm(folder, { recursive: true, force: true })
    const ends = sumOf(actors.map(actor => actor.ends))
    return { outcome, seconds, stuck, ends, histories: isWell ? undefined : folder }
  } catch (error) {
    console.log(`What each process wrote down stays in ${folder}`)
    throw error
  } finally {
    await Promise.all(actors.map(actor => actor.end()))
    process.removeListener('exit', clear)
  }
}

async function play(nemesis: Nemesis, actors: readonly Actor[], { faults, onFault }: RunOptions): Promise<void> {
  await nemesis.recovery('the start')
  for (const fault of faults) {
    onFault(fault)
    await nemesis.strike(fault)
  }
  for (const actor of actors) if (actor.settings.role === 'writer') actor.finish()
  const isOver = (): boolean => actors.every(({ isDone }) => isDone)
  await eventually(isOver, { timeoutMs: END_TIMEOUT_MS, waitedFor: 'all ends to come to their end' })
}

function castOf(
  cluster: Cluster,
  channelName: string,
  folder: string,
  history: HistoryFile,
  { onPeerLost, switchedOff }: RunOptions
): Actor[] {
  const common = {
    channelName,
    folder,
    onPeerLost,
    switchedOff,
    members: MEMBERS,
    writers: WRITERS,
    recordsPerSecond: RECORDS_PER_SECOND / WRITERS,
    patienceMs: PATIENCE_MS
  }
  const ends: ChildSettings[] = []
  for (let index = 0; index < MEMBERS; index++) {
    const location = cluster.location(index === 0 ? 'principal' : 'member')
    ends.push({ ...common, role: 'reader', name: `reader${index}`, index, location })
  }
  for (let index = 0; index < WRITERS; index++) {
    ends.push({ ...common, role: 'writer', name: `writer${index}`, index, location: cluster.location('writer') })
  }
  return ends.map(settings => new Actor(settings, history))
}

function sumOf(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>()
  for (const one of counts) for (const [name, count] of one) sum.set(name, (sum.get(name) ?? 0) + count)
  return sum
}
