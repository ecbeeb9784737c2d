/** On what something was measured. */
import { createRequire } from 'node:module'
import { cpus, release, totalmem } from 'node:os'
import rdkafka from 'node-rdkafka'
import type { ApacheBroker } from 'millrace/testing'
import type { TestBroker } from 'millrace/testing'

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGB: number
  readonly system: string
  readonly node: string
  readonly nodeRdkafka: string
  readonly librdkafka: string
}

export function machine(): Machine {
  const { version } = createRequire(import.meta.url)('node-rdkafka/package.json') as { version: string }
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    nodeRdkafka: version.replace(/^v/, ''),
    librdkafka: rdkafka.librdkafkaVersion
  }
}

/** What the broker is, for a heading. */
export function brokerText(broker: TestBroker): string {
  return broker.kind === 'apache'
    ? `Apache Kafka ${(broker as ApacheBroker).version}, one node`
    : `${broker.kind} Kafka`
}
