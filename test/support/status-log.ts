/** What ends say in a status topic, as another process would send it. */
import { type EndState, REPORT_HEADER, reportBytes } from '../../lib/channel/status/end-report.js'
import { statusKey } from '../../lib/channel/status/status-log.js'
import { statusValue } from '../../lib/channel/status/status-message.js'
import type { OutgoingMessage } from '../../lib/kafka/index.js'

/** One writer that reports. */
export interface Sender {
  readonly name: string
  readonly incarnation: string
  /** How often it says that it reports; default 2,000. */
  readonly heartbeatMs?: number
}

/** @returns the message of a writer with which it says a state, or only that it is there */
export function writerSays(
  channelName: string,
  { name, incarnation, heartbeatMs = 2000 }: Sender,
  status: EndState | 'HealthCheck',
  state: EndState,
  error: string | null = null
): OutgoingMessage {
  const report = {
    incarnation,
    state,
    stateMs: 3_600_000,
    groupSize: 1,
    heartbeatMs,
    fingerprint: '0123456789abcdef',
    ends: state === 'Closed' ? new Map([[0, 1000]]) : null,
    finishedUpTo: 0,
    error,
    blames: null,
    topicId: null,
    takenBackTo: null,
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

/** The same as a reader of a group says it. */
export function inGroup(message: OutgoingMessage, groupName: string): OutgoingMessage {
  const value = JSON.parse(String(message.value)) as object
  return { ...message, value: Buffer.from(JSON.stringify({ ...value, channel_group_name: groupName })) }
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
