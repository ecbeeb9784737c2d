/**
 * A status message as pypz reads and writes it: a JSON object of exactly seven fields. An unknown field breaks the
 * original's parser, so what this library adds travels beside it, in a header: see end-report.ts.
 */

/** The original's eight statuses. */
export const statuses = [
  'Opened',
  'Started',
  'Stopped',
  'Closed',
  'HealthCheck',
  'Error',
  'WaitingForSchema',
  'Acknowledged'
] as const

export type Status = (typeof statuses)[number]

/** What one end of a channel tells the others. */
export interface StatusMessage {
  readonly channelName: string
  /** The sending end: in pypz the full name of its port. */
  readonly sender: string
  /** `null` for an end that is not replicated. */
  readonly groupName: string | null
  /** 0 for the principal or an end that is not replicated. */
  readonly groupIndex: number
  readonly status: Status
  /** Counters, in a HealthCheck; else `null`. */
  readonly payload: unknown
  /** The sender's clock, milliseconds since the epoch. For people alone: clocks differ. */
  readonly timestamp: number
}

/** Larger values are no status messages: parsing one would stop the process for as long as it takes. */
const LARGEST_BYTES = 1024 * 1024
/** A time behind it is no clock that runs wrong, but something else that stands there. */
const LATEST_TIME = Date.UTC(2100)

const fieldNames = [
  'channel_name',
  'channel_context_name',
  'channel_group_name',
  'channel_group_index',
  'status',
  'payload',
  'timestamp'
] as const

type Fields = Record<(typeof fieldNames)[number], unknown>

/** The message as the bytes of a record's value. */
export function statusValue(message: StatusMessage): Buffer {
  const fields: Fields = {
    channel_name: message.channelName,
    channel_context_name: message.sender,
    channel_group_name: message.groupName,
    channel_group_index: message.groupIndex,
    status: message.status,
    payload: message.payload,
    timestamp: message.timestamp
  }
  return Buffer.from(JSON.stringify(fields))
}

/**
 * @param channelName - the channel of which the message should be
 * @returns the message, or in words why it is none
 */
export function parseStatus(value: Buffer | null, channelName: string): StatusMessage | string {
  const fields = parseFields(value)
  if (typeof fields === 'string') return fields
  const {
    channel_name: channel,
    channel_context_name: sender,
    channel_group_name: groupName,
    channel_group_index: groupIndex,
    status,
    payload,
    timestamp
  } = fields
  if (channel !== channelName) return 'it is of another channel'
  if (typeof sender !== 'string' || sender === '') return 'it names no sender'
  if (groupName !== null && typeof groupName !== 'string') return 'channel_group_name is neither a text nor null'
  if (!isCount(groupIndex)) return 'channel_group_index is no whole number from 0'
  if (!isStatus(status)) return 'its status is none of the eight'
  if (typeof timestamp !== 'number' || !(timestamp >= 0 && timestamp < LATEST_TIME)) return 'its timestamp is no time'
  return { channelName, sender, groupName, groupIndex, status, payload, timestamp }
}

function parseFields(value: Buffer | null): Fields | string {
  if (value === null || value.length === 0) return 'it is empty'
  if (value.length >= LARGEST_BYTES) return `it has ${value.length} bytes`
  let parsed: unknown
  try {
    parsed = JSON.parse(value.toString('utf8'))
  } catch {
    return 'it is no JSON'
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'it is no JSON object'
  const missing = fieldNames.find(name => !Object.hasOwn(parsed, name))
  if (missing !== undefined) return `it has no ${missing}`
  const unknown = Object.keys(parsed).length - fieldNames.length
  return unknown === 0 ? (parsed as Fields) : `it has ${unknown} fields that the original's parser refuses`
}

function isStatus(value: unknown): value is Status {
  return statuses.includes(value as Status)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
