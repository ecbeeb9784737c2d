/** Java, which a real Kafka runs on. */
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { BrokerUnavailableError } from './unavailable.js'

const OLDEST_JAVA = 17

/** Of the broker and of its tools. */
export const javaOptions = [
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-Xshare:auto',
  '-XX:-UsePerfData',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
]

/** For what starts often and does little: the second compiler would never pay. */
export const firstCompilerOnly = '-XX:TieredStopAtLevel=1'

/** @throws BrokerUnavailableError when there is none, or it is too old */
export async function requireJava(): Promise<void> {
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

/** Formats the data folder that a `server.properties` names. All nodes of a cluster get the same id. */
export function formatStorage(jars: string, clusterId: string, properties: string): Promise<void> {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties]
  return new Promise((resolve, reject) => {
    const java = spawn('java', [...javaOptions, firstCompilerOnly, '-Xmx64m', '-cp', jars, ...tool], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    java.stdout.on('data', data => (output += String(data)))
    java.stderr.on('data', data => (output += String(data)))
    java.once('error', reject)
    java.once('close', status => {
      if (status === 0) resolve()
      else reject(new Error(`Kafka could not format its data folder:\n${output.slice(-2000)}`))
    })
  })
}
