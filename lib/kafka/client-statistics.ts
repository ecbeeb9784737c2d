/** What librdkafka tells of a client at regular times, where `statistics.interval.ms` asks for it. */

/** The last of a client's statistics that could be read. */
export interface ClientStatistics {
  /**
   * librdkafka's document, as its STATISTICS.md describes it; undefined before the first. Negative offsets in it stand
   * for what is not known: -1001 is no offset, and a lag of -1 is none.
   */
  readonly values: Readonly<Record<string, unknown>> | undefined
  /** Milliseconds since they came; Infinity before the first. */
  readonly ageMs: number
  /** Documents that could not be read and were dropped; the values are still those of the last good one. */
  readonly dropped: number
}

/** Of one client, from its start on. */
export class StatisticsFeed {
  #values: Readonly<Record<string, unknown>> | undefined
  #cameAt = -Infinity
  #dropped = 0

  constructor(private readonly now: () => number = () => performance.now()) {}

  get snapshot(): ClientStatistics {
    return { values: this.#values, ageMs: this.now() - this.#cameAt, dropped: this.#dropped }
  }

  /** librdkafka has written numbers that are no JSON before: one such document is no reason to stop anything. */
  take(document: unknown): void {
    const values = parsed(document)
    if (values) {
      this.#values = values
      this.#cameAt = this.now()
    } else this.#dropped++
  }
}

function parsed(document: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(document))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
