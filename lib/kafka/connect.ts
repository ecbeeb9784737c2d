/** Connects a client of node-rdkafka, makes sure that our plugin captured it, and waits for a broker. */
import type { Client, ClientMetrics, LibrdKafkaError, Metadata, ReadyInfo } from 'node-rdkafka'
import type { Deadline } from '../deadline.js'
import { BrokerError, ConfigurationError } from '../errors.js'
import { StatisticsFeed } from './client-statistics.js'
import { guess, Refusals } from './refusal.js'
import { Requests } from './requests.js'
import type { ClientRole } from './known-settings.js'
import type { KafkaSettings } from './settings.js'

/** A client that is connected. */
export interface Connected {
  /** librdkafka's name of the client, by which the addon finds it. */
  readonly name: string
  readonly requests: Requests
  readonly brokerIds: readonly number[]
  readonly statistics: StatisticsFeed
  /** All topics that this client may see, with the number of their partitions, as one broker knows them. */
  readonly listTopics: (deadline: Deadline) => Promise<ReadonlyMap<string, number>>
}

interface LogLine {
  readonly severity: number
  readonly fac: string
  readonly message: string
}

/** Between two looks at whether there is a broker. */
const MAX_POLL_MS = 20
/** For an answer of a broker that is there. */
const ASK_TIMEOUT_MS = 500
/** The same, where it tells of all topics. The next attempt may ask another broker, where one of them stands still. */
const LIST_TIMEOUT_MS = 3000

/** syslog's levels; smaller is worse. */
const [LEVEL_ERROR, LEVEL_INFO] = [3, 6]
/** librdkafka's word for a connection that failed. It may be no error to it when the broker closes one. */
const FAILED = 'FAIL'

/**
 * A client of node-rdkafka, which does not connect yet.
 * @throws ConfigurationError when it is refused: what could not be checked before is the user's own plugins
 */
export function created<Made>(make: () => Made): Made {
  try {
    return make()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const key = 'plugin.library.paths'
    throw new ConfigurationError(key, `librdkafka takes no client with this '${key}': ${reason}`, { cause })
  }
}

/**
 * @param tell - takes why there is no connection yet, whenever librdkafka says so
 * @throws BrokerError when the client cannot start, and when all of the addresses refuse it
 * @throws TimeoutError at the deadline, with the reason that librdkafka logged
 */
export async function connect<Events extends string>(
  client: Client<Events>,
  role: ClientRole,
  config: KafkaSettings,
  deadline: Deadline,
  tell?: (reason: string) => void
): Promise<Connected> {
  // The reason of a failed connection comes as a line of librdkafka's log, and nowhere else.
  let [reason, worst] = ['', LEVEL_INFO]
  let refused: BrokerError | undefined
  const refusals = new Refusals(String(config['bootstrap.servers']))
  const events = client as unknown as NodeJS.EventEmitter
  const noteReason = (line: LogLine): void => {
    if (line.severity > (line.fac === FAILED ? worst : LEVEL_ERROR)) return
    worst = Math.max(line.severity, LEVEL_ERROR)
    const said = line.message.replace(/^\[thrd:[^\]]*\]: /, '')
    refused ??= refusals.take(said)
    reason = guess(said, config['security.protocol'])
    tell?.(reason)
  }
  events.on('event.log', noteReason)
  const statistics = new StatisticsFeed()
  events.on('event.stats', ({ message }: { message: unknown }) => statistics.take(message))
  const what = `a broker at ${config['bootstrap.servers']}`
  const why = (): string => (reason ? `${what} (${reason})` : what)
  let requests: Requests | undefined
  try {
    const { name, ask } = await start(client)
    const askBrokers: AskBrokers = async timeoutMs => idsOf(await ask({ allTopics: false }, timeoutMs))
    const lookAtTopic = (topic: string): Promise<unknown> => inTurn(() => ask({ topic }, ASK_TIMEOUT_MS))
    requests = new Requests(name, role === 'consumer', String(config['bootstrap.servers']), lookAtTopic)
    // Else librdkafka connects only within a second: nothing is asked of it yet.
    await askBrokers(1)
    for (let pause = 1; !requests.knowsCluster(); pause = Math.min(2 * pause, MAX_POLL_MS)) {
      if (refused) throw refused
      await deadline.pause(pause, why)
    }
    const brokerIds = await untilAnswered(askBrokers, deadline, why)
    const topics = `the names of all topics at ${config['bootstrap.servers']}`
    const askTopics: AskTopics = async timeoutMs => topicsOf(await ask({ allTopics: true }, timeoutMs))
    const listTopics = (within: Deadline): Promise<ReadonlyMap<string, number>> =>
      untilAnswered(askTopics, within, () => topics, LIST_TIMEOUT_MS)
    return { name, requests, statistics, brokerIds, listTopics }
  } catch (error) {
    requests?.close()
    // Not waited for: whoever gave up at a deadline or by a signal shall go on at once.
    void disconnect(client)
    throw error
  } finally {
    events.off('event.log', noteReason)
  }
}

type GetMetadata = (options: object, done: (error: LibrdKafkaError | null, data: Metadata) => void) => void

/** Asks for the cluster's brokers, and perhaps for topics; for so many milliseconds at most. */
type Ask = (which: { allTopics: boolean } | { topic: string }, timeoutMs: number) => Promise<Metadata | Error>
type AskBrokers = (timeoutMs: number) => Promise<readonly number[] | Error>
type AskTopics = (timeoutMs: number) => Promise<ReadonlyMap<string, number> | Error>

function idsOf(answer: Metadata | Error): readonly number[] | Error {
  if (answer instanceof Error) return answer
  // As one that stood still may.
  if (answer.brokers.length === 0) return new Error('it knows of no broker in its cluster just now')
  return answer.brokers.map(({ id }) => id)
}

function topicsOf(answer: Metadata | Error): ReadonlyMap<string, number> | Error {
  return answer instanceof Error
    ? answer
    : new Map(answer.topics.map(({ name, partitions }) => [name, partitions.length]))
}

/**
 * Starts librdkafka's client, which then connects by itself.
 *
 * node-rdkafka would go on by asking for the cluster's metadata, on a thread of Node's pool that stands still until there
 * is a broker. Four such threads, and all files and host names of the process wait, and so does its exit. So it is
 * answered at once here, and asked when there is a broker that answers.
 */
function start<Events extends string>(client: Client<Events>): Promise<{ name: string; ask: Ask }> {
  return new Promise((resolve, reject) => {
    const open = client as unknown as { getMetadata: GetMetadata }
    const getMetadata = open.getMetadata.bind(client) as GetMetadata
    open.getMetadata = (_options, done) => done(null, { brokers: [], topics: [] } as unknown as Metadata)
    // Mostly only the brokers are asked for: a cluster may have very many topics.
    const ask: Ask = (which, timeout) =>
      new Promise(answer =>
        getMetadata({ ...which, timeout }, (error, data) =>
          answer(error ? new Error(error.message, { cause: error }) : data)
        )
      )
    ;(client as unknown as NodeJS.EventEmitter).once('ready', ({ name }: ReadyInfo) => resolve({ name, ask }))
    client.connect({} as never, (error: LibrdKafkaError | null) => {
      if (!error) return
      reject(new BrokerError(`librdkafka cannot start a client: ${error.message}`, error.code, { cause: error }))
    })
  })
}

async function untilAnswered<Answer>(
  ask: (timeoutMs: number) => Promise<Answer | Error>,
  deadline: Deadline,
  why: () => string,
  atMostMs = ASK_TIMEOUT_MS
): Promise<Answer> {
  for (;;) {
    const asking = inTurn(() => ask(deadline.remainingWithin(atMostMs)))
    // The turn of others may take longer than the time that is left.
    const answer = await deadline.wait(asking, why)
    if (!(answer instanceof Error)) return answer
    // The broker that was there went away.
    await deadline.pause(MAX_POLL_MS, why, answer)
  }
}

let last: Promise<unknown> = Promise.resolve()

/** One at a time in this process, so that at most one thread of Node's pool waits for an answer, and briefly. */
function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
  const result = last.then(act)
  last = result.catch(() => undefined)
  return result
}

/** Disconnects; resolves also when it was not connected. */
export async function disconnect<Events extends string>(client: Client<Events>): Promise<void> {
  if (!client.isConnected()) return
  await new Promise<void>(resolve => {
    const done = (_error?: unknown, _metrics?: ClientMetrics): void => resolve()
    // A producer's takes how long to flush first. By now there is nothing to flush.
    const takesTimeout = 'flush' in client
    if (takesTimeout) (client as unknown as { disconnect(ms: number, cb: typeof done): void }).disconnect(1, done)
    else client.disconnect(done)
  })
}
