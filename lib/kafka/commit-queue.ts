/**
 * Commits of one consumer client. What is asked for in one turn of the event loop travels together, one request is in
 * flight at a time, and what comes meanwhile goes with the next: 1,000 readers that commit at once cost one request.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { brokerError, isRetriable } from './broker-error.js'
import type { Requests } from './requests.js'

/** Between two attempts after an answer that says "not now". */
const RETRY_MS = 200

/** Where a partition's reading shall begin after a restart. */
export interface CommitTarget {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Of the last record before the offset; -1 where unknown. */
  readonly leaderEpoch: number
  /** Kept by the broker beside the offset: the id of the topic that it is of. None by default. */
  readonly metadata?: string | undefined
}

interface Waiting {
  readonly target: CommitTarget
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  /** Whether anybody still waits: nothing is retried for a caller whose deadline is over. */
  readonly isWanted: () => boolean
}

export class CommitQueue {
  readonly #requests: Requests
  #waiting: Waiting[] = []
  #isSending = false

  constructor(
    requests: Requests,
    private readonly groupId: string
  ) {
    this.#requests = requests
  }

  /**
   * Resolves when the broker has it; retries while the coordinator is away or moving and `isWanted` says so.
   * @throws BrokerError for every other answer
   */
  commit(target: CommitTarget, isWanted: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ target, resolve, reject, isWanted })
      if (!this.#isSending) {
        this.#isSending = true
        setImmediate(() => void this.#send())
      }
    })
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      const byTopic = groupBy(batch, ({ target }) => target.topic)
      const retries = await Promise.all([...byTopic].map(([topic, waiting]) => this.#sendTopic(topic, waiting)))
      const again = retries.flat()
      if (again.length === 0) continue
      await delay(RETRY_MS)
      this.#waiting.unshift(...again)
    }
    this.#isSending = false
  }

  /** @returns those that shall be tried again */
  async #sendTopic(topic: string, waiting: readonly Waiting[]): Promise<readonly Waiting[]> {
    // The last offset of a partition stands for those before it: they rise.
    const last = new Map(waiting.map(({ target }) => [target.partition, target]))
    const byMetadata = groupBy([...last.values()], ({ metadata = '' }) => metadata)
    const codes = new Map<number, number>()
    try {
      await Promise.all([...byMetadata].map(([metadata, targets]) => this.#request(topic, targets, metadata, codes)))
    } catch (error) {
      for (const { reject } of waiting) reject(error as Error)
      return []
    }
    const again: Waiting[] = []
    for (const one of waiting) {
      const failed = codes.get(one.target.partition) ?? 0
      if (failed === 0) one.resolve()
      else if (isRetriable(failed) && one.isWanted()) again.push(one)
      else one.reject(this.#error(one.target, failed))
    }
    return again
  }

  /** @param codes - gets the answer for each partition */
  async #request(
    topic: string,
    targets: readonly CommitTarget[],
    metadata: string,
    codes: Map<number, number>
  ): Promise<void> {
    const answer = await this.#requests.commit(
      topic,
      Int32Array.from(targets, target => target.partition),
      Float64Array.from(targets, target => target.offset),
      Int32Array.from(targets, target => target.leaderEpoch),
      metadata
    )
    for (const target of targets) codes.set(target.partition, answer.code)
    answer.partitions?.forEach((partition, i) => codes.set(partition, answer.code || (answer.codes?.[i] ?? 0)))
  }

  #error({ topic, partition, offset }: CommitTarget, failed: number): Error {
    const rights = { topic: `Read on the topic ${topic}`, group: `Read on the group ${this.groupId}` }
    return brokerError(`committing offset ${offset} of ${topic} [${partition}]`, { code: failed, message: '' }, rights)
  }
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const others = groups.get(key)
    if (others) others.push(item)
    else groups.set(key, [item])
  }
  return groups
}
