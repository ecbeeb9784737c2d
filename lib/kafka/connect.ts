/** Connects a client of node-rdkafka, and makes sure that our plugin captured it. */
import type { Client, ClientMetrics, LibrdKafkaError, Metadata, ReadyInfo } from 'node-rdkafka'
import type { Deadline } from '../deadline.js'
import { BrokerError, TimeoutError } from '../errors.js'
import { code } from './broker-error.js'

/** A client that is connected. */
export interface Connected {
  /** librdkafka's name of the client, by which the addon finds it. */
  readonly name: string
  readonly brokerIds: readonly number[]
}

interface LogLine {
  readonly severity: number
  readonly fac: string
  readonly message: string
}

/** syslog's level of an error; smaller is worse. */
const LEVEL_ERROR = 3

/**
 * @throws BrokerError when no broker can be reached, with the reason that librdkafka logged
 * @throws TimeoutError at the deadline
 */
export async function connect<Events extends string>(
  client: Client<Events>,
  bootstrapServers: string,
  deadline: Deadline
): Promise<Connected> {
  // The reason of a failed connection comes as a line of librdkafka's log before `ready`, and nowhere else.
  let reason = ''
  const events = client as unknown as NodeJS.EventEmitter
  const noteReason = (line: LogLine): void => {
    if (line.severity <= LEVEL_ERROR) reason = line.message.replace(/^\[thrd:[^\]]*\]: /, '')
  }
  events.on('event.log', noteReason)
  const what = `a broker at ${bootstrapServers}`
  const why = (): string => (reason ? `${what} (${reason})` : what)
  const connected = new Promise<Connected>((resolve, reject) => {
    events.once('ready', (info: ReadyInfo, metadata: Metadata) => {
      resolve({ name: info.name, brokerIds: metadata.brokers.map(broker => broker.id) })
    })
    // Only the brokers are asked for: a cluster may have very many topics.
    const options = { allTopics: false, timeout: deadline.remainingWithin() }
    client.connect(options as never, (error: LibrdKafkaError | null) => {
      if (error) reject(connectError(error, why(), deadline))
    })
  })
  try {
    return await deadline.wait(connected, why)
  } catch (error) {
    // What was begun ends by itself: node-rdkafka disconnects a client whose connection fails.
    connected.then(
      () => void disconnect(client),
      () => undefined
    )
    throw error
  } finally {
    events.off('event.log', noteReason)
  }
}

function connectError(error: LibrdKafkaError, what: string, deadline: Deadline): Error {
  const kafkaCode = error.code
  if (deadline.remainingMs === 0 || kafkaCode === code.timedOut) {
    return new TimeoutError(what, deadline.timeoutMs, { cause: error })
  }
  return new BrokerError(`could not reach ${what}: ${error.message}`, kafkaCode, { isRetriable: true, cause: error })
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
