/** Which broker to run against: the first that applies. */
import { existsSync } from 'node:fs'
import { Deadline } from '../deadline.js'
import { ApacheBroker } from './apache.js'
import { ContainerBroker } from './container.js'
import { EmbeddedBroker } from './embedded.js'
import { roundTrip } from './round-trip.js'
import type { TestBroker } from './test-broker.js'
import { BrokerUnavailableError } from './unavailable.js'

/** The kinds of brokers; `real` is the first of the chain that is an Apache Kafka, `auto` may also be the embedded. */
export type BrokerKind = TestBroker['kind'] | 'real' | 'auto'

const kinds: readonly BrokerKind[] = ['given', 'container', 'apache', 'embedded', 'real', 'auto']

const REACH_TIMEOUT_MS = 30_000

/**
 * Starts a broker: the one that KAFKA_BOOTSTRAP_SERVERS names, else a container, else a real Apache Kafka from Maven's
 * jars, else the embedded one.
 *
 * @param kind - `auto` by default
 * @throws BrokerUnavailableError when that kind cannot run here, with the reason of each that was tried
 */
export async function createTestBroker(kind: BrokerKind = 'auto'): Promise<TestBroker> {
  const reasons: string[] = []
  for (const start of chain(kind)) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof BrokerUnavailableError)) throw error
      reasons.push(error.message)
    }
  }
  throw new BrokerUnavailableError(`no broker to run against (${kind}): ${reasons.join('; ')}`)
}

function chain(kind: BrokerKind): readonly (() => Promise<TestBroker>)[] {
  const embedded = (): Promise<TestBroker> => Promise.resolve(new EmbeddedBroker())
  const apache = (): Promise<TestBroker> => ApacheBroker.start()
  const container = (): Promise<TestBroker> => ContainerBroker.start()
  switch (kind) {
    case 'given':
      return [givenBroker]
    case 'container':
      return [container]
    case 'apache':
      return [apache]
    case 'embedded':
      return [embedded]
    case 'real':
      return [givenBroker, ...(hasDocker() ? [container] : []), apache]
    case 'auto':
      return [...chain('real'), embedded]
    default:
      throw new TypeError(`there is no broker of the kind '${String(kind)}': one of ${kinds.join(', ')}`)
  }
}

/** Asked before testcontainers is, which takes seconds to find out. */
function hasDocker(): boolean {
  return process.env.DOCKER_HOST !== undefined || existsSync('/var/run/docker.sock')
}

async function givenBroker(): Promise<TestBroker> {
  const bootstrapServers = process.env.KAFKA_BOOTSTRAP_SERVERS
  if (!bootstrapServers) throw new BrokerUnavailableError('KAFKA_BOOTSTRAP_SERVERS is not set')
  await roundTrip(bootstrapServers, new Deadline({}, REACH_TIMEOUT_MS))
  return {
    kind: 'given',
    bootstrapServers,
    capabilities: new Set([
      'transactions',
      'recreate-topics',
      'add-partitions',
      'other-processes',
      'unbounded-log'
    ] as const),
    close: () => Promise.resolve()
  }
}
