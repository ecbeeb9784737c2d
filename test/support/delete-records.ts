/** Deletes the records of a partition below an offset, as an operator's tool would: node-rdkafka has no call for it. */
import type { TestBroker } from 'millrace/testing'
import { exchange, int, text } from './raw-request.js'

const DELETE_RECORDS = 21
const TIMEOUT_MS = 20_000

/** @param broker - of one node, which leads every partition */
export async function deleteRecords(
  broker: TestBroker,
  topic: string,
  partition: number,
  below: number
): Promise<void> {
  const records = [int(4, 1), text(topic), int(4, 1), int(4, partition), int(8, below), int(4, TIMEOUT_MS)]
  const answer = await exchange(broker.bootstrapServers, DELETE_RECORDS, records)
  // The last partition's error code is all that stands at the end.
  const code = answer.readInt16BE(answer.length - 2)
  if (code !== 0) throw new Error(`Kafka's error ${code} for deleting records of ${topic} [${partition}]`)
}
