/** Committed, first and end offsets. Readers that ask in one turn of the event loop ask together. */
import { Deadline } from '../deadline.js'
import type { RequestAnswer } from '../native/index.js'
import { brokerError, code, isRetriable } from './broker-error.js'
import type { ConsumerClient } from './consumer-client.js'
import type { Requests } from './requests.js'

const RETRY_MS = 100

/** How long a shared question may take at most; each asker has a deadline of its own as well. */
const SHARED_TIMEOUT_MS = 60_000

/** What a group has committed for a partition. */
export interface Committed {
  /** -1 where there is nothing. */
  readonly offset: number
  /** What was committed along with it; empty for nothing. */
  readonly metadata: string
}

/** By partition. */
type Answers = Map<number, Committed>

interface Question {
  readonly partitions: Set<number>
  readonly answers: Promise<Answers>
}

/** Asks once for all partitions that are wanted in the same turn of the event loop. */
class Gathered {
  #questions = new Map<string, Question>()

  ask(key: string, partitions: readonly number[], send: (all: Int32Array) => Promise<Answers>): Promise<Answers> {
    let question = this.#questions.get(key)
    if (!question) {
      const wanted = new Set<number>()
      const answers = new Promise<Answers>((resolve, reject) => {
        setImmediate(() => {
          this.#questions.delete(key)
          send(Int32Array.from(wanted)).then(resolve, reject)
        })
      })
      this.#questions.set(key, (question = { partitions: wanted, answers }))
    }
    for (const partition of partitions) question.partitions.add(partition)
    return question.answers
  }
}

/** Any client. */
interface Asker {
  readonly requests: Requests
}

const gathered = new WeakMap<Asker, Gathered>()

function gatheredOf(client: Asker): Gathered {
  let of = gathered.get(client)
  if (!of) gathered.set(client, (of = new Gathered()))
  return of
}

/**
 * The committed offset of each partition in the client's group; -1 where there is none.
 * @throws BrokerError when the group cannot be read; TimeoutError
 */
export async function committedOffsets(
  client: ConsumerClient,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline
): Promise<Map<number, number>> {
  return offsetsOf(await committedWithMetadata(client, topic, partitions, deadline), partitions)
}

/** As `committedOffsets`, with what was committed along with each offset. */
export async function committedWithMetadata(
  client: ConsumerClient,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline
): Promise<ReadonlyMap<number, Committed>> {
  const what = `the committed offsets of the group ${client.groupId}`
  const answers = gatheredOf(client).ask(`committed ${topic}`, partitions, all =>
    retrying(what, within => client.requests.listCommitted(client.groupId, topic, all, within))
  )
  return await deadline.wait(answers, what)
}

/** The committed offset of each partition in a group that is another's; -1 where there is none. */
export async function groupOffsets(
  client: Asker,
  group: string,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline
): Promise<Map<number, number>> {
  return offsetsOf(await groupCommits(client, group, topic, partitions, deadline), partitions)
}

/** As `groupOffsets`, with what was committed along with each offset. */
export async function groupCommits(
  { requests }: Asker,
  group: string,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline
): Promise<ReadonlyMap<number, Committed>> {
  const what = `the committed offsets of the group ${group}`
  const answers = retrying(what, within => requests.listCommitted(group, topic, Int32Array.from(partitions), within))
  return await deadline.wait(answers, what)
}

/**
 * The end offset of each partition: behind its last record that is visible to a reader of committed ones.
 * @param uncommittedToo - behind its last record, whoever sees it
 */
export async function endOffsets(
  client: Asker,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline,
  uncommittedToo = false
): Promise<Map<number, number>> {
  const what = `the end offsets of ${topic}`
  const answers = gatheredOf(client).ask(`end ${topic} ${uncommittedToo}`, partitions, all =>
    retrying(what, within => client.requests.listOffsets(topic, all, -1, !uncommittedToo, within))
  )
  return offsetsOf(await deadline.wait(answers, what), partitions)
}

/** The offset of the first record that each partition still has. */
export async function firstOffsets(
  client: Asker,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline
): Promise<Map<number, number>> {
  if (partitions.length === 0) return new Map()
  const what = `the first offsets of ${topic}`
  const answers = gatheredOf(client).ask(`first ${topic}`, partitions, all =>
    retrying(what, within => client.requests.listOffsets(topic, all, -2, true, within), true)
  )
  return offsetsOf(await deadline.wait(answers, what), partitions)
}

/** Of those that were asked for: the answers to a shared question have more. */
function offsetsOf(answers: ReadonlyMap<number, Committed>, partitions: readonly number[]): Map<number, number> {
  const offsets = new Map<number, number>()
  for (const partition of partitions) {
    const answer = answers.get(partition)
    if (answer) offsets.set(partition, answer.offset)
  }
  return offsets
}

/** @param isNew - whether the topic may be so new that its leader does not know of it yet */
async function retrying(
  what: string,
  ask: (within: Deadline) => Promise<RequestAnswer>,
  isNew = false
): Promise<Answers> {
  const deadline = new Deadline({}, SHARED_TIMEOUT_MS)
  for (;;) {
    const answer = await ask(deadline)
    const failed = answer.code || (answer.codes?.find(one => one !== 0) ?? 0)
    if (failed === 0) return toMap(answer)
    // librdkafka has no text for the error of a partition.
    const error = brokerError(`asking for ${what}`, { code: failed, message: answer.code ? answer.message : '' })
    const isOfNew = failed === code.unknownTopicOrPartition || failed === code.noLeader
    if (!isRetriable(failed) && !(isNew && isOfNew)) throw error
    await deadline.pause(RETRY_MS, what, error)
  }
}

function toMap({ partitions, offsets, metadata }: RequestAnswer): Answers {
  const answers: Answers = new Map()
  partitions?.forEach((partition, i) =>
    answers.set(partition, { offset: Math.max(-1, offsets?.[i] ?? -1), metadata: metadata?.[i] ?? '' })
  )
  return answers
}
