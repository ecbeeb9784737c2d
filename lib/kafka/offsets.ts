/** Committed, first and end offsets. Readers that ask in one turn of the event loop ask together. */
import { Deadline } from '../deadline.js'
import { TimeoutError } from '../errors.js'
import type { RequestAnswer } from '../native/index.js'
import { brokerError, code, isRetriable, type Rights } from './broker-error.js'
import type { ConsumerClient } from './consumer-client.js'
import type { Requests } from './requests.js'

const RETRY_MS = 100

/**
 * How long a shared question may take at most, after which those who still wait ask again: librdkafka loses one whose broker
 * it drops from its list meanwhile. Each asker has a deadline of its own as well.
 */
const SHARED_TIMEOUT_MS = 20_000

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
  return await answered(what, deadline, () =>
    gatheredOf(client).ask(`committed ${topic}`, partitions, all =>
      retrying(what, about(client, topic, client.groupId), within =>
        client.requests.listCommitted(client.groupId, topic, all, within)
      )
    )
  )
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
  return await answered(what, deadline, () =>
    retrying(what, about({ requests }, topic, group), within =>
      requests.listCommitted(group, topic, Int32Array.from(partitions), within)
    )
  )
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
  const answers = await answered(what, deadline, () =>
    gatheredOf(client).ask(`end ${topic} ${uncommittedToo}`, partitions, all =>
      retrying(what, about(client, topic), within =>
        client.requests.listOffsets(topic, all, -1, !uncommittedToo, within)
      )
    )
  )
  return offsetsOf(answers, partitions)
}

/** The offset of the first record that each partition still has. */
export async function firstOffsets(
  client: Asker,
  topic: string,
  partitions: readonly number[],
  deadline: Deadline
): Promise<Map<number, number>> {
  const what = `the first offsets of ${topic}`
  const answers = await answered(what, deadline, () =>
    gatheredOf(client).ask(`first ${topic}`, partitions, all =>
      retrying(what, about(client, topic), within => client.requests.listOffsets(topic, all, -2, true, within), true)
    )
  )
  return offsetsOf(answers, partitions)
}

/** A shared question ends at its own time, which an outage outlasts; who asked goes on asking until the deadline. */
async function answered(what: string, deadline: Deadline, ask: () => Promise<Answers>): Promise<Answers> {
  for (;;) {
    try {
      return await deadline.wait(ask(), what)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      deadline.check(what, error)
    }
  }
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

/** What a question is about: which topic, and what its user has to be allowed. */
interface About {
  readonly topic: { readonly requests: Requests; readonly name: string }
  readonly rights: Rights
}

function about({ requests }: Asker, name: string, group = ''): About {
  const rights = { topic: `Describe on the topic ${name}`, group: `Describe on the group ${group}` }
  return { topic: { requests, name }, rights }
}

/** @param isNew - whether the topic may be so new that its leader does not know of it yet */
async function retrying(
  what: string,
  { topic, rights }: About,
  ask: (within: Deadline) => Promise<RequestAnswer>,
  isNew = false
): Promise<Answers> {
  const deadline = new Deadline({}, SHARED_TIMEOUT_MS)
  let hasLooked = false
  for (;;) {
    const answer = await ask(deadline)
    const failed = answer.code || (answer.codes?.find(one => one !== 0) ?? 0)
    if (failed === 0) return toMap(answer)
    // librdkafka has no text for the error of a partition.
    const text = answer.code ? answer.message : ''
    const error = brokerError(`asking for ${what}`, { code: failed, message: text }, rights)
    const isUnknown = failed === code.unknownPartition
    const isOfNew = isNew && (isUnknown || failed === code.unknownTopicOrPartition)
    const isAway = isRetriable(failed) || failed === code.noLeader
    if (!isAway && !isOfNew && (hasLooked || !isUnknown)) throw error
    if (isUnknown || failed === code.noLeader) {
      // It goes by what it has heard of the topic at some time, and does not look again: partitions may have been added.
      hasLooked = true
      await topic.requests.lookAtTopic(topic.name)
    }
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
