/** Has Kafka forget what a group has committed, as it does by itself days after the last commit. */
import type { TestBroker } from 'millrace/testing'
import { kafkaRequest, list, text } from './kafka-request.js'

const DELETE_GROUPS = 42

/** @param broker - of one node, which coordinates every group @param group - with nobody subscribed */
export async function deleteOffsets(broker: TestBroker, group: string): Promise<void> {
  const answer = await kafkaRequest(broker, DELETE_GROUPS, 0, list([text(group)]))
  answer.int(4) // the time that it was throttled
  const [code] = answer.list(() => [answer.text(), answer.int(2)].at(-1))
  if (code !== 0) throw new Error(`Kafka's error ${code} for deleting the group ${group}`)
}
