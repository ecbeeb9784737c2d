/** Millrace as its README uses it: one reader per partition, all in one process. */
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { type Entry, schema, textOf } from './records.js'
import type { Contestant, Task } from './task.js'

const BATCH_RECORDS = 1000

export const write: Contestant = async (task, clock) => {
  const writer = await KafkaChannelWriter.open<Entry>({
    ...optionsOf(task),
    channelConfig: { 'linger.ms': task.lingerMs }
  })
  const s = textOf(task.recordBytes)
  clock.start()
  for (let i = 0; i < task.records;) {
    const batch: Entry[] = []
    for (const end = Math.min(task.records, i + BATCH_RECORDS); i < end; i++) batch.push({ i, s })
    await writer.write(batch)
  }
  await writer.flush()
  clock.stop()
  await writer.close()
  return undefined
}

export const read: Contestant = async (task, clock) => {
  const size = task.partitions
  const readers = await Promise.all(
    Array.from({ length: size }, (_, index) =>
      KafkaChannelReader.open<Entry>({
        ...optionsOf(task),
        resources: 'keep',
        group: { name: task.topic, index, size }
      })
    )
  )
  clock.start()
  let sum = 0
  let missing = task.records
  const all = new AbortController()
  const readOne = async (reader: KafkaChannelReader<Entry>): Promise<void> => {
    for await (const { records } of reader.batches({ signal: all.signal })) {
      for (const { i } of records) sum += i
      missing -= records.length
      if (missing === 0) {
        clock.stop()
        all.abort()
      }
    }
  }
  await Promise.all(readers.map(readOne))
  await Promise.all(readers.map(reader => reader.close()))
  return sum
}

function optionsOf({ bootstrapServers, topic }: Task): { location: string; channelName: string; schema: string } {
  return { location: bootstrapServers, channelName: topic, schema }
}
