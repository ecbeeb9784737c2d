/** Apache Kafka in a container, through testcontainers, for those who have it installed and a Docker engine running. */
import { Deadline } from '../deadline.js'
import { freePorts } from './free-ports.js'
import { kafkaVersion } from './kafka-jars.js'
import { roundTrip } from './round-trip.js'
import type { BrokerCapability, TestBroker } from './test-broker.js'
import { BrokerUnavailableError } from './unavailable.js'

const START_TIMEOUT_MS = 120_000
const CONTROLLER_PORT = 9093

export class ContainerBroker implements TestBroker {
  readonly kind = 'container'
  readonly capabilities: ReadonlySet<BrokerCapability> = new Set([
    'transactions',
    'recreate-topics',
    'add-partitions',
    'other-processes',
    'unbounded-log'
  ])

  private constructor(
    readonly bootstrapServers: string,
    private readonly stop: () => Promise<unknown>
  ) {}

  /** @throws BrokerUnavailableError when testcontainers is not installed or finds no container engine */
  static async start(): Promise<ContainerBroker> {
    const deadline = new Deadline({}, START_TIMEOUT_MS)
    const { GenericContainer } = await import('testcontainers').catch((cause: unknown) => {
      throw new BrokerUnavailableError('testcontainers is not installed: npm install --save-dev testcontainers', {
        cause
      })
    })
    // The broker must advertise the port by which it is reached from outside, so that is chosen first.
    const [port] = (await freePorts(1)) as [number]
    const container = new GenericContainer(`apache/kafka:${kafkaVersion()}`)
      .withExposedPorts({ container: port, host: port })
      .withEnvironment({
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_LISTENERS: `CLIENT://:${port},CONTROLLER://:${CONTROLLER_PORT}`,
        KAFKA_ADVERTISED_LISTENERS: `CLIENT://127.0.0.1:${port}`,
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_INTER_BROKER_LISTENER_NAME: 'CLIENT',
        KAFKA_CONTROLLER_QUORUM_VOTERS: `1@localhost:${CONTROLLER_PORT}`,
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1'
      })
    const started = await container.start().catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new BrokerUnavailableError(`no container could be started: ${reason}`, { cause })
    })
    const servers = `127.0.0.1:${port}`
    try {
      await roundTrip(servers, deadline)
    } catch (error) {
      await started.stop()
      throw error
    }
    return new ContainerBroker(servers, () => started.stop())
  }

  async close(): Promise<void> {
    await this.stop()
  }
}
