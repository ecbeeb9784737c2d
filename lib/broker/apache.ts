/** A real Apache Kafka as a child process: one KRaft node from Maven's jars, gone when this process is. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Deadline, type WaitOptions } from '../deadline.js'
import { freePorts } from './free-ports.js'
import { guardedProcess, type GuardedProcess } from './guarded-process.js'
import { kafkaJars, kafkaVersion } from './kafka-jars.js'
import { kafkaProperties } from './kafka-properties.js'
import { roundTrip } from './round-trip.js'
import type { BrokerCapability, TestBroker } from './test-broker.js'
import { BrokerUnavailableError } from './unavailable.js'

/** How a real broker is started. */
export interface ApacheBrokerOptions extends WaitOptions {
  /** Of `org.apache.kafka:kafka_2.13`; default: MILLRACE_KAFKA_VERSION, else the newest that was tried. */
  readonly version?: string
  /** Heap of the broker in MB; default 512. */
  readonly heapMegabytes?: number
}

const START_TIMEOUT_MS = 120_000
/** Another process may take a free port before Kafka does. */
const ATTEMPTS = 3
const OLDEST_JAVA = 17

const javaOptions = [
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-Xshare:auto',
  '-XX:-UsePerfData',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
]

/**
 * A real Kafka for tests. It does not keep the process alive, and ends with it.
 *
 * ```ts
 * const broker = await ApacheBroker.start()
 * const reader = await KafkaChannelReader.open({ location: broker.bootstrapServers, channelName, schema })
 * await reader.close()
 * await broker.close()
 * ```
 */
export class ApacheBroker implements TestBroker {
  readonly kind = 'apache'
  readonly capabilities: ReadonlySet<BrokerCapability> = new Set([
    'transactions',
    'recreate-topics',
    'other-processes',
    'unbounded-log',
    'restart'
  ])
  #process: GuardedProcess

  private constructor(
    readonly version: string,
    readonly bootstrapServers: string,
    process: GuardedProcess
  ) {
    this.#process = process
  }

  /**
   * Resolves when a record went through it.
   * @throws BrokerUnavailableError when Java 17 or Maven are missing
   * @throws TimeoutError
   */
  static async start(options: ApacheBrokerOptions = {}): Promise<ApacheBroker> {
    const deadline = new Deadline(options, START_TIMEOUT_MS)
    const version = options.version ?? kafkaVersion()
    await requireJava()
    const jars = await deadline.wait(kafkaJars(version), `Maven to fetch Apache Kafka ${version}`)
    for (let attempt = 1; ; attempt++) {
      try {
        return await ApacheBroker.#start(version, jars, options.heapMegabytes ?? 512, deadline)
      } catch (error) {
        if (attempt === ATTEMPTS || !/Address already in use/.test(String(error))) throw error
      }
    }
  }

  static async #start(version: string, jars: string, heapMegabytes: number, deadline: Deadline): Promise<ApacheBroker> {
    // In memory where there is such a place: a slow disk distorts everything with 1,000 partitions.
    const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-kafka-'))
    const [port, controllerPort] = (await freePorts(2)) as [number, number]
    const properties = join(folder, 'server.properties')
    const log = join(folder, 'broker.log')
    const java = ['java', ...javaOptions, `-Xmx${heapMegabytes}m`, '-cp', join(jars, '*')]
    let guarded: GuardedProcess | undefined
    try {
      await writeFile(properties, kafkaProperties({ port, controllerPort, dataFolder: join(folder, 'data') }))
      await deadline.wait(format(java, properties), 'Kafka to format its data folder')
      guarded = await guardedProcess([...java, 'kafka.Kafka', properties], log, folder)
      const servers = `127.0.0.1:${port}`
      const died = guarded.exited.then(async status => {
        throw new Error(
          `Kafka ended with status ${status}:\n${(await readFile(log, 'utf8').catch(() => '')).slice(-2000)}`
        )
      })
      await Promise.race([isReady(port, servers, deadline), died])
      return new ApacheBroker(version, servers, guarded)
    } catch (error) {
      await guarded?.end()
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** The broker's process, for faults: `process.kill(broker.pid, 'SIGSTOP')`. */
  get pid(): number {
    return this.#process.pid
  }

  async close(): Promise<void> {
    await this.#process.end()
  }
}

async function requireJava(): Promise<void> {
  let output: string
  try {
    // It prints its version as an error.
    output = (await promisify(execFile)('java', ['-version'])).stderr
  } catch (cause) {
    throw new BrokerUnavailableError('Apache Kafka needs Java 17 or later, and there is no java here', { cause })
  }
  const major = Number(/version "(\d+)/.exec(output)?.[1])
  if (major < OLDEST_JAVA) throw new BrokerUnavailableError(`Apache Kafka needs Java 17 or later, and java is ${major}`)
}

function format(java: readonly string[], properties: string): Promise<void> {
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const [program, ...args] = java as [string, ...string[]]
  return new Promise((resolve, reject) => {
    const tool = spawn(program, [...args, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', properties], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    tool.stdout.on('data', data => (output += String(data)))
    tool.stderr.on('data', data => (output += String(data)))
    tool.once('error', reject)
    tool.once('close', status => {
      if (status === 0) resolve()
      else reject(new Error(`Kafka could not format its data folder:\n${output.slice(-2000)}`))
    })
  })
}

async function isReady(port: number, servers: string, deadline: Deadline): Promise<void> {
  while (!(await accepts(port))) await deadline.pause(50, 'Kafka to listen')
  await roundTrip(servers, deadline)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
