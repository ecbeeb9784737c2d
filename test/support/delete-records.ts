/** Deletes the records of a partition below an offset, as an operator's tool would: node-rdkafka has no call for it. */
import type { TestBroker } from 'millrace/testing'
import { int, kafkaRequest, list, text } from './kafka-request.js'

const DELETE_RECORDS = 21
const TIMEOUT_MS = 20_000

/** @param broker - of one node, which leads every partition */
export async function deleteRecords(
  broker: TestBroker,
  topic: string,
  partition: number,
  below: number
): Promise<void> {
  const partitions = list([Buffer.concat([int(4, partition), int(8, below)])])
  const topics = list([Buffer.concat([text(topic), partitions])])
  const answer = await kafkaRequest(broker, DELETE_RECORDS, 0, topics, int(4, TIMEOUT_MS))
  answer.int(4) // the time that it was throttled
  const codes = answer.list(() => {
    answer.text()
    return answer.list(() => [answer.int(4), answer.int(8), answer.int(2)].at(-1))
  })
  const code = codes[0]?.[0]
  if (code !== 0) throw new Error(`Kafka's error ${code} for deleting records of ${topic} [${partition}]`)
}
