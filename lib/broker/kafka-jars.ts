/** Apache Kafka's jars, fetched by Maven once a version into a cache. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BrokerUnavailableError } from './unavailable.js'

/** The newest that was tried; needs Java 17. */
const DEFAULT_KAFKA_VERSION = '4.4.0'

/** The version to run: MILLRACE_KAFKA_VERSION, else the newest that was tried. */
export function kafkaVersion(): string {
  return process.env.MILLRACE_KAFKA_VERSION ?? DEFAULT_KAFKA_VERSION
}

const FETCH_TIMEOUT_MS = 300_000

/**
 * @param version - of `org.apache.kafka:kafka_2.13`
 * @returns the folder that holds the jars
 * @throws BrokerUnavailableError when Maven is missing or fails
 */
export async function kafkaJars(version: string): Promise<string> {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new RangeError(`a Kafka version is like 4.1.0, not '${version}'`)
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'millrace')
  const target = join(cache, `kafka-${version}`)
  if (existsSync(target)) return target
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'fetching-'))
  try {
    await writeFile(join(work, 'pom.xml'), pom(version))
    await runMaven(work)
    // Whole or not at all: another process may be doing the same.
    await rename(join(work, 'jars'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error
    })
    return target
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function pom(version: string): string {
  const dependency = (group: string, artifact: string, wanted: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${wanted}</version></dependency>`
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace</groupId><artifactId>test-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', version)}
    ${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
  </dependencies>
</project>
`
}

function runMaven(folder: string): Promise<void> {
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars']
  return new Promise((resolve, reject) => {
    const maven = spawn('mvn', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: FETCH_TIMEOUT_MS })
    let output = ''
    maven.stdout.on('data', data => (output += String(data)))
    maven.stderr.on('data', data => (output += String(data)))
    maven.once('error', cause =>
      reject(new BrokerUnavailableError(`cannot run Maven (mvn): ${cause.message}`, { cause }))
    )
    maven.once('close', status => {
      if (status === 0) resolve()
      else reject(new BrokerUnavailableError(`Maven could not fetch Apache Kafka:\n${output.slice(-2000)}`))
    })
  })
}
