/** What every broker to run against has, whatever it is. */

/** What some brokers can do and others cannot. Tests that need one ask for it. */
export type BrokerCapability =
  | 'inject-errors'
  | 'set-round-trip-time'
  | 'transactions'
  | 'recreate-topics'
  | 'add-partitions'
  | 'other-processes'
  | 'unbounded-log'
  | 'restart'

/** A Kafka cluster to run against. */
export interface TestBroker {
  readonly kind: 'given' | 'container' | 'apache' | 'embedded'
  /** `host:port,host:port`, a channel's `location`. */
  readonly bootstrapServers: string
  readonly capabilities: ReadonlySet<BrokerCapability>
  /** Ends it and removes its data; a given one is left alone. Idempotent. */
  close(): Promise<void>
}
