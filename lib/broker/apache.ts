/** A real Apache Kafka as child processes: KRaft nodes from Maven's jars, gone when this process is. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Deadline, type WaitOptions } from '../deadline.js'
import { freePorts } from './free-ports.js'
import { firstCompilerOnly, formatStorage, javaOptions, requireJava } from './java.js'
import { kafkaJars, kafkaVersion } from './kafka-jars.js'
import { KafkaNode } from './kafka-node.js'
import { kafkaProperties, type NodePorts } from './kafka-properties.js'
import { roundTrip } from './round-trip.js'
import type { BrokerCapability, TestBroker } from './test-broker.js'

/** A broker of a cluster that is about to start. */
export interface ApacheNode {
  /** From 1. */
  readonly id: number
  /** Of its listener `CLIENT`, for clients and the other brokers: plaintext, at 127.0.0.1. */
  readonly port: number
  /** Of its listener `CONTROLLER`. */
  readonly controllerPort: number
}

/** Kafka's own broker settings, such as `{ 'log.retention.ms': '1000' }`. */
export type ApacheProperties = Readonly<Record<string, string>>

/** How a real broker is started. */
export interface ApacheBrokerOptions extends WaitOptions {
  /** Of `org.apache.kafka:kafka_2.13`; default: MILLRACE_KAFKA_VERSION, else the newest that was tried. */
  readonly version?: string
  /**
   * Brokers of the cluster, up to 9; default 1. Their ids count from 1. With 3 of them topics have three replicas, of
   * which two must be in sync to write.
   */
  readonly brokers?: number
  /** Heap of each broker in MB; default 512, and 256 where there are several. */
  readonly heapMegabytes?: number
  /**
   * Kafka's own broker settings; they replace those of tests. The same for each broker, or a function that is asked for
   * each: to add a listener, or to advertise another address. It is asked again, with other ports, when one of the ports
   * is taken by somebody else before Kafka takes it.
   */
  readonly properties?: ApacheProperties | ((node: ApacheNode) => ApacheProperties | Promise<ApacheProperties>)
}

const START_TIMEOUT_MS = 120_000
const NODE_TIMEOUT_MS = 60_000
/** Another process may take a free port before Kafka does. */
const ATTEMPTS = 3
const MOST_BROKERS = 9

/**
 * A real Kafka for tests. It does not keep the process alive, and ends with it.
 *
 * ```ts
 * const broker = await ApacheBroker.start({ brokers: 3 })
 * const reader = await KafkaChannelReader.open({ location: broker.bootstrapServers, channelName, schema })
 * await broker.kill(2)
 * await broker.restart(2)
 * await reader.close()
 * await broker.close()
 * ```
 */
export class ApacheBroker implements TestBroker {
  readonly kind = 'apache'
  readonly bootstrapServers: string
  readonly capabilities: ReadonlySet<BrokerCapability> = new Set([
    'transactions',
    'recreate-topics',
    'add-partitions',
    'other-processes',
    'unbounded-log',
    'restart'
  ])
  readonly #nodes: readonly KafkaNode[]

  private constructor(
    readonly version: string,
    nodes: readonly KafkaNode[]
  ) {
    this.bootstrapServers = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')
    this.#nodes = nodes
  }

  /**
   * Resolves when a record went through it, with all the replicas that a topic has.
   * @throws BrokerUnavailableError when Java 17 or Maven are missing
   * @throws TimeoutError
   */
  static async start(options: ApacheBrokerOptions = {}): Promise<ApacheBroker> {
    const { brokers = 1, version = kafkaVersion(), heapMegabytes = brokers > 1 ? 256 : 512 } = options
    if (!Number.isInteger(brokers) || brokers < 1 || brokers > MOST_BROKERS) {
      throw new RangeError(`brokers must be a whole number from 1 to ${MOST_BROKERS}, not ${inspect(brokers)}`)
    }
    const deadline = new Deadline(options, START_TIMEOUT_MS)
    await requireJava()
    const jars = await deadline.wait(kafkaJars(version), `Maven to fetch Apache Kafka ${version}`)
    for (let attempt = 1; ; attempt++) {
      const nodes: KafkaNode[] = []
      try {
        nodes.push(...(await prepare(brokers, join(jars, '*'), heapMegabytes, options.properties, deadline)))
        await Promise.all(nodes.map(node => node.start(deadline)))
        const broker = new ApacheBroker(version, nodes)
        await roundTrip(broker.bootstrapServers, deadline)
        return broker
      } catch (error) {
        await Promise.all(nodes.map(node => node.remove()))
        if (attempt === ATTEMPTS || !/Address already in use/.test(String(error))) throw error
      }
    }
  }

  /** The process of the first broker. */
  get pid(): number {
    return this.pidOf(1)
  }

  /** The process of a broker, or the last that it had. @param broker - its id, from 1 */
  pidOf(broker: number): number {
    return this.#node(broker).pid
  }

  /** Kills a broker (SIGKILL); resolves when its process is gone. */
  async kill(broker: number): Promise<void> {
    await this.#node(broker).end('SIGKILL', new Deadline({}, NODE_TIMEOUT_MS))
  }

  /** Ends a broker in order (SIGTERM): it gives its leaderships away first. Resolves when its process is gone. */
  async stop(broker: number, options: WaitOptions = {}): Promise<void> {
    await this.#node(broker).end('SIGTERM', new Deadline(options, NODE_TIMEOUT_MS))
  }

  /** Halts a broker (SIGSTOP): its connections stay open, and nothing answers. */
  pause(broker: number): void {
    this.#node(broker).signal('SIGSTOP')
  }

  /** Lets a halted broker go on (SIGCONT). */
  resume(broker: number): void {
    this.#node(broker).signal('SIGCONT')
  }

  /**
   * Starts a broker again that was killed or stopped, with the same data on the same port; one that runs is killed
   * before. Resolves when it listens: the cluster may take a little longer to give it leaderships.
   */
  async restart(broker: number, options: WaitOptions = {}): Promise<void> {
    const deadline = new Deadline(options, NODE_TIMEOUT_MS)
    const node = this.#node(broker)
    if (node.runs) await node.end('SIGKILL', deadline)
    await node.start(deadline)
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.remove()))
  }

  #node(broker: number): KafkaNode {
    const node = this.#nodes[broker - 1]
    if (!node) throw new RangeError(`there is no broker ${inspect(broker)}: they are 1 to ${this.#nodes.length}`)
    return node
  }
}

/** Makes the nodes' folders, formatted and ready to start. */
async function prepare(
  count: number,
  jars: string,
  heapMegabytes: number,
  more: ApacheBrokerOptions['properties'],
  deadline: Deadline
): Promise<KafkaNode[]> {
  const all = await freePorts(2 * count)
  const ports = Array.from({ length: count }, (_, i): NodePorts => {
    return { port: all[2 * i] as number, controllerPort: all[2 * i + 1] as number }
  })
  const propertiesOf = typeof more === 'function' ? more : () => more
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const folders: string[] = []
  const prepared = ports.map(async ({ port, controllerPort }, i) => {
    const id = i + 1
    const own = await propertiesOf({ id, port, controllerPort })
    // In memory where there is such a place: a slow disk distorts everything with 1,000 partitions.
    const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-kafka-'))
    folders.push(folder)
    const properties = join(folder, 'server.properties')
    await writeFile(properties, kafkaProperties({ id, ports, dataFolder: join(folder, 'data'), more: own }))
    await deadline.wait(formatStorage(jars, clusterId, properties), 'Kafka to format its data folder')
    // Several start again and again, and nobody measures them.
    const compiler = count > 1 ? [firstCompilerOnly] : []
    const command = [
      'java',
      ...javaOptions,
      ...compiler,
      `-Xmx${heapMegabytes}m`,
      '-cp',
      jars,
      'kafka.Kafka',
      properties
    ]
    return new KafkaNode({ id, port, folder, command })
  })
  try {
    return await Promise.all(prepared)
  } catch (error) {
    await Promise.allSettled(prepared)
    await Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true })))
    throw error
  }
}
