/** The status log of a channel as the protocol sees it: two topics, one of each side's status messages. */
import type { Deadline } from '../../deadline.js'

/** Whose messages: each side has a topic of its own. */
export type Role = 'reader' | 'writer'

/** One record of a status topic. */
export interface StatusEntry {
  readonly role: Role
  /** In the topic of that role. */
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** The header `millrace`; undefined where there is none. */
  readonly report: Buffer | undefined
}

/** A record to append. */
export interface NewEntry {
  readonly role: Role
  readonly key: string
  readonly value: Buffer
  readonly report?: Buffer
}

/** Reads both topics from their beginning, in order each, and appends. */
export interface StatusLog {
  /** Resolves when the record is acknowledged: then everybody who reads to the end from now on meets it. */
  append(entry: NewEntry, deadline: Deadline): Promise<void>
  /**
   * Called once, before anything else. What the topics have, and later what comes, is given to `onEntries`, in the
   * order of each topic; `onFailed` says, once, that nothing comes any more: a topic is gone, or another one.
   */
  follow(onEntries: (entries: readonly StatusEntry[]) => void, onFailed: (error: Error) => void): void
  /** Resolves when everything that stood in both topics at the call has been given to the follower. */
  readToEnd(deadline: Deadline): Promise<void>
}

const SCHEMA_KEY = /^schema\.([0-9a-f]{16})$/

/**
 * The key under which an end's message stands, so that compaction keeps its last of each status. The original reads
 * records whose key has `state` in it.
 */
export function statusKey(sender: string, status: string): string {
  return `${sender}.state.${status}`
}

/** The key of a schema that a writer announces; the original passes over it. The value is the schema's JSON. */
export function schemaKey(fingerprint: string): string {
  return `schema.${fingerprint}`
}

/** @returns the fingerprint if it is the key of a schema */
export function fingerprintOfKey(key: Buffer | null): string | undefined {
  return key === null ? undefined : SCHEMA_KEY.exec(key.toString('latin1'))?.[1]
}

/** Whether a record is a status message: the original's own test. */
export function isStatusKey(key: Buffer | null): boolean {
  return key?.includes('state') ?? false
}
