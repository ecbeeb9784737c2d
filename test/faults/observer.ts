/** The log as it is after a run, read with node-rdkafka and avsc alone, so that no fault of ours is in the reading. */
import avsc from 'avsc'
import rdkafka, { type Message } from 'node-rdkafka'
import { type CheckedRecord, checkedSchema, runsOf } from '../checker/records.js'
import type { LogReading } from '../checker/log-index.js'

const READ_TIMEOUT_MS = 120_000
const CALL_TIMEOUT_MS = 20_000
const MOST_MESSAGES = 5000
/** Of a single-object encoding: two marks, and the schema's fingerprint. */
const HEADER_BYTES = 10

const type = avsc.Type.forSchema(checkedSchema as unknown as avsc.Schema)

export async function observe(location: string, topic: string, partitions: number): Promise<LogReading> {
  const settings = { 'bootstrap.servers': location, 'group.id': `observer.${topic}`, 'enable.auto.commit': false }
  const consumer = new rdkafka.KafkaConsumer(settings, { 'auto.offset.reset': 'earliest' })
  await call(done => consumer.connect({ timeout: CALL_TIMEOUT_MS }, done))
  try {
    const reading: { p: number; runs: ReturnType<typeof runsOf> }[] = []
    for (let p = 0; p < partitions; p++) reading.push(...(await readPartition(consumer, topic, p)))
    return reading
  } finally {
    await call(done => consumer.disconnect(done))
  }
}

async function readPartition(consumer: rdkafka.KafkaConsumer, topic: string, partition: number) {
  const { highOffset } = await call<{ highOffset: number }>(done =>
    consumer.queryWatermarkOffsets(topic, partition, CALL_TIMEOUT_MS, done)
  )
  consumer.assign([{ topic, partition, offset: 0 }])
  const read: { p: number; runs: ReturnType<typeof runsOf> }[] = []
  const deadline = performance.now() + READ_TIMEOUT_MS
  let next = 0
  while (next < highOffset) {
    if (performance.now() > deadline)
      throw new Error(`partition ${partition} could be read to ${next} of ${highOffset}`)
    const messages = await call<Message[]>(done => consumer.consume(MOST_MESSAGES, done))
    for (const batch of neighbours(messages)) {
      const records = batch.map(
        ({ value }) => type.fromBuffer((value as Buffer).subarray(HEADER_BYTES)) as CheckedRecord
      )
      const [firstOffset, lastOffset] = [batch[0]?.offset ?? 0, batch.at(-1)?.offset ?? 0]
      read.push({ p: partition, runs: runsOf({ records, firstOffset, lastOffset }) })
      next = lastOffset + 1
    }
  }
  consumer.unassign()
  return read
}

/** Split where offsets do not follow, so that each record's is known. */
function neighbours(messages: readonly Message[]): Message[][] {
  const groups: Message[][] = []
  for (const message of messages) {
    const last = groups.at(-1)
    if (last && last.at(-1)?.offset === message.offset - 1) last.push(message)
    else groups.push([message])
  }
  return groups
}

function call<Result = unknown>(start: (done: (error: unknown, result: Result) => void) => unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error as Error) : resolve(result)))
  })
}
