/** Fills the readers' status topic of a channel with what so many processes say in the course of time. */
import type { TestBroker } from 'millrace/testing'
import { Deadline } from '../../lib/deadline.js'
import { reportBytes } from '../../lib/channel/status/end-report.js'
import { statusKey } from '../../lib/channel/status/status-log.js'
import { statusValue } from '../../lib/channel/status/status-message.js'
import { MessageProducer, ProducerClient, producerConfig } from '../../lib/kafka/index.js'

const SEND_TIMEOUT_MS = 60_000

/** @param reports - of each sender, beside its Opened and Started @returns how many messages that are */
export async function statusLogOf(
  broker: TestBroker,
  channelName: string,
  senders: number,
  reports: number
): Promise<number> {
  const deadline = (): Deadline => new Deadline({}, SEND_TIMEOUT_MS)
  const client = await ProducerClient.connect(producerConfig(broker, 1), deadline())
  const producer = new MessageProducer(client, `${channelName}.input.state`)
  let messages = 0
  const statuses = ['Opened', 'Started', ...Array.from({ length: reports }, () => 'HealthCheck' as const)] as const
  for (const status of statuses) {
    await Promise.all(
      Array.from({ length: senders }, (_, index) => {
        const sender = index === 0 ? 'g' : `g.${index}`
        const value = statusValue({
          channelName,
          sender,
          groupName: 'g',
          groupIndex: index,
          status,
          payload: status === 'HealthCheck' ? { receivedRecordCount: messages } : null,
          timestamp: Date.now()
        })
        const report = reportBytes({
          incarnation: index.toString(16).padStart(16, '0'),
          state: status === 'Opened' ? 'Opened' : 'Started',
          stateMs: 1000,
          groupSize: senders,
          heartbeatMs: 10_000,
          fingerprint: '0123456789abcdef',
          ends: null,
          topicId: null,
          committed: new Map([[index, messages]]),
          finishedUpTo: 0,
          takenBackTo: null,
          error: null,
          blames: null
        })
        messages++
        const key = Buffer.from(statusKey(sender, status))
        return producer.send(0, { key, value, headers: [['millrace', report]] }, deadline())
      })
    )
  }
  producer.close()
  await client.close()
  return messages
}
