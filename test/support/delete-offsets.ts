/** Has Kafka forget what a group has committed, as it does by itself days after the last commit. */
import type { TestBroker } from 'millrace/testing'
import { exchange, int, text } from './raw-request.js'

const DELETE_GROUPS = 42

/** @param broker - of one node, which coordinates every group @param group - with nobody subscribed */
export async function deleteOffsets(broker: TestBroker, group: string): Promise<void> {
  const answer = await exchange(broker.bootstrapServers, DELETE_GROUPS, [int(4, 1), text(group)])
  // The only group's error code is all that stands at the end.
  const code = answer.readInt16BE(answer.length - 2)
  if (code !== 0) throw new Error(`Kafka's error ${code} for deleting the group ${group}`)
}
