/** A status topic as another process sees it: heartbeats in, and what somebody who opens has to read. */
import type { TestBroker } from 'millrace/testing'
import { type EndState, REPORT_HEADER, reportBytes } from '../../lib/channel/status/end-report.js'
import { statusKey } from '../../lib/channel/status/status-log.js'
import { statusValue } from '../../lib/channel/status/status-message.js'
import { firstOffsets, MessageProducer, type OutgoingMessage } from '../../lib/kafka/index.js'
import { consumerClient, endOffset, producerClient, within } from './raw.js'

/** One writer that reports. */
export interface Sender {
  readonly name: string
  readonly incarnation: string
}

/** @returns the message of a writer with which it says a state, or only that it is there */
export function writerSays(
  channelName: string,
  { name, incarnation }: Sender,
  status: EndState | 'HealthCheck',
  state: EndState
): OutgoingMessage {
  const report = {
    incarnation,
    state,
    stateMs: 3_600_000,
    groupSize: 1,
    heartbeatMs: 2000,
    fingerprint: '0123456789abcdef',
    ends: state === 'Closed' ? new Map([[0, 1000]]) : null,
    finishedUpTo: 0,
    error: null,
    blames: null,
    topicId: null,
    committed: null
  }
  const value = statusValue({
    channelName,
    sender: name,
    groupName: null,
    groupIndex: 0,
    status: status as 'Opened',
    payload: status === 'HealthCheck' ? {} : null,
    timestamp: Date.now()
  })
  return { key: Buffer.from(statusKey(name, status)), value, headers: [[REPORT_HEADER, reportBytes(report)]] }
}

/** The same as pypz writes it: all messages have one key, and no header. */
export function asPypz(message: OutgoingMessage): OutgoingMessage {
  return { ...message, key: Buffer.from('state'), headers: [] }
}

/** Bytes of their keys, values and headers, without what the log adds. */
export function bytesOf(messages: readonly OutgoingMessage[]): number {
  const parts = messages.flatMap(({ key, value, headers }) => [key, value, ...headers.flat()])
  return parts.reduce((sum, part) => sum + (part?.length ?? 0), 0)
}

/** Appends messages in their order. */
export async function append(broker: TestBroker, topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
  const client = await producerClient(broker)
  const producer = new MessageProducer(client, topic)
  await Promise.all(messages.map(message => producer.send(0, message, within())))
  producer.close()
  await client.close()
}

/** @returns the keys of all messages that a reader of the topic meets today, from its beginning to its end */
export async function replay(broker: TestBroker, topic: string): Promise<string[]> {
  const client = await consumerClient(broker, `replay.${topic}`)
  try {
    const first = (await firstOffsets(client, topic, [0], within())).get(0) ?? 0
    const end = (await endOffset(broker, topic)) ?? 0
    const consumer = await client.open(topic, [{ partition: 0, offset: first, isCommitted: false }])
    const keys: string[] = []
    while ((consumer.partitions[0]?.position ?? 0) < end && first < end) {
      const messages = consumer.drainMessages(500)?.messages ?? []
      for (const { key } of messages) keys.push(String(key))
      if (messages.length === 0) await within().wait(consumer.whenReady(), `the end of ${topic}`)
    }
    consumer.close()
    return keys
  } finally {
    await client.close(within())
  }
}
