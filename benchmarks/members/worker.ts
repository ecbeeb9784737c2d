/** Opens so many members of a group in one process, or one writer, and tells how long that took. */
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { endOffsets, ProducerClient, producerConfig } from '../../lib/kafka/index.js'
import { Deadline } from '../../lib/deadline.js'
import { peakMemoryMB } from '../process-figures.js'
import { schema } from '../throughput/records.js'

export interface MembersTask {
  readonly bootstrapServers: string
  readonly channelName: string
  /** 0 for a writer alone, which reads all that the log of the others has. */
  readonly members: number
  /** How long to count their messages. */
  readonly countMs: number
}

export interface Opened {
  readonly openMs: number
  readonly closeMs: number
  /** Of the readers' status topic. */
  readonly messagesPerSecond: number
  readonly peers: number
  readonly peakMB: number
}

const task = JSON.parse(process.argv[2] as string) as MembersTask
const { bootstrapServers, channelName, members, countMs } = task
const common = { location: bootstrapServers, channelName, schema, timeoutMs: 120_000 }

async function ends(): Promise<number> {
  const client = await ProducerClient.connect(producerConfig({ bootstrapServers }, 1), new Deadline({}, 60_000))
  const offsets = await endOffsets(client, `${channelName}.input.state`, [0], new Deadline({}, 60_000))
  await client.close()
  return offsets.get(0) ?? 0
}

const start = performance.now()
const opened =
  members === 0
    ? [await KafkaChannelWriter.open(common)]
    : await Promise.all(
        Array.from({ length: members }, (_, index) =>
          KafkaChannelReader.open({ ...common, resources: 'keep', group: { name: 'g', index, size: members } })
        )
      )
const openMs = performance.now() - start
let messagesPerSecond = 0
if (countMs > 0) {
  const before = await ends()
  const from = performance.now()
  await delay(countMs)
  messagesPerSecond = ((await ends()) - before) / ((performance.now() - from) / 1000)
}
const peers = opened[0]?.peers.length ?? 0
const closing = performance.now()
await Promise.all(opened.map(end => end.close()))
const result: Opened = {
  openMs,
  closeMs: performance.now() - closing,
  messagesPerSecond,
  peers,
  peakMB: peakMemoryMB()
}
process.send?.(result)
