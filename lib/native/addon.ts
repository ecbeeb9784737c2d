/** The shape of the addons built from `src/`. What each call does and when is told in the class's header there. */

/** All partition queues of one consumer client. */
export interface PartitionQueues {
  take(topic: string, partition: number): number
  release(slot: number): void
  takeReady(slots: Int32Array): number
  drain(
    slot: number,
    maxRecords: number,
    slab: Uint8Array,
    ends: Uint32Array,
    offsets: Float64Array,
    timestamps: Float64Array,
    flags: Uint8Array,
    state: Float64Array,
    keep: boolean
  ): number
  /** @param index - of a record of the last drain of this client, if that was told to keep its messages */
  keptMessage(index: number): NativeMessage
  /** @param state - gets the next offset and the leader epoch, as by `drain` */
  drainMessages(slot: number, maxMessages: number, state: Float64Array): NativeMessage[]
  serve(): ConsumerMessage[]
  closeConsumer(): boolean
  giveUp(): void
  cutConnections(): void
  close(): void
}

/** A message with copies of its bytes, or in its place an error, which then is the only one of a drain. */
export interface NativeMessage {
  readonly offset: number
  /** Milliseconds since the epoch; -1 where there is none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** A name, its value, a name, its value, … */
  readonly headers: readonly (string | Buffer | null)[]
  /** librdkafka's error code, 0 for a message. */
  readonly code: number
  readonly message: string
}

/** Something that stood in the consumer's own queue. */
export interface ConsumerMessage {
  readonly code: number
  readonly message: string
  readonly topic?: string
  readonly partition: number
  readonly offset: number
}

/** librdkafka's answer to a request. */
export interface RequestAnswer {
  readonly id: number
  /** librdkafka's error code, 0 for none. */
  readonly code: number
  readonly message: string
  readonly partitions?: Int32Array
  readonly offsets?: Float64Array
  readonly codes?: Int32Array
  /** Of committed offsets: what was committed along with each, empty for nothing. */
  readonly metadata?: readonly string[]
  readonly topicId?: string
  readonly leaders?: Int32Array
}

/** librdkafka's asynchronous requests; `id` comes back with the answer. */
export interface NativeRequests {
  commit(
    id: number,
    topic: string,
    partitions: Int32Array,
    offsets: Float64Array,
    leaderEpochs: Int32Array,
    metadata: string
  ): number
  listCommitted(id: number, group: string, topic: string, partitions: Int32Array, timeoutMs: number): void
  listOffsets(
    id: number,
    topic: string,
    partitions: Int32Array,
    spec: -2 | -1,
    committedOnly: boolean,
    timeoutMs: number
  ): void
  describeTopic(id: number, topic: string, broker: number, timeoutMs: number): void
  knowsCluster(): boolean
  /** Has it try these, beside what it knows: `host:port,host:port`. */
  addBrokers(servers: string): void
  takeAnswers(): RequestAnswer[]
  close(): void
}

/** Gives slabs of encoded records to librdkafka. */
export interface SlabProducer {
  openTopic(name: string): number
  closeTopic(topic: number): void
  produce(
    topic: number,
    ticket: number,
    slab: Uint8Array,
    ends: Uint32Array,
    partitions: Int32Array,
    from: number,
    to: number
  ): number
  /**
   * One message, copied. It is settled as a record of `produce` is.
   * @param headers - a name, its value, a name, its value, …
   * @returns false when it was not taken, as librdkafka's queue is full
   */
  produceMessage(
    topic: number,
    ticket: number,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly (string | Uint8Array)[]
  ): boolean
  takeSettled(rows: Float64Array): number
  openTickets(): number
  purge(): void
  fatalError(): { code: number; message: string } | undefined
  close(): void
}

/** librdkafka's mock brokers. Calls without a result return librdkafka's error code. */
export interface MockCluster {
  bootstrapServers(): string
  createTopic(name: string, partitions: number, replicas: number): number
  setTopicError(name: string, code: number): number
  setBrokerUp(broker: number, up: boolean): number
  setRoundTripTime(broker: number, ms: number): number
  setLeader(topic: string, partition: number, broker: number): number
  setCoordinator(group: string, broker: number): number
  pushErrors(apiKey: number, codes: Int32Array): number
  pushBrokerErrors(broker: number, apiKey: number, codes: Int32Array, delaysMs: Int32Array): number
  clearErrors(apiKey: number): number
  close(): void
}

/** What librdkafka says of one setting. */
export interface SettingAnswer {
  /** librdkafka's text; empty for a setting that it accepts. */
  readonly problem: string
  /** Whether there is such a setting at all. */
  readonly isKnown: boolean
  readonly isOfTopic: boolean
}

/** What the addon exports. */
export interface Addon {
  readonly PartitionQueues: new (client: string, onReady: () => void) => PartitionQueues
  readonly Requests: new (client: string, isConsumer: boolean, onAnswers: () => void) => NativeRequests
  readonly SlabProducer: new (client: string, onSettled: () => void) => SlabProducer
  readonly MockCluster: new (brokers: number) => MockCluster
  checkSetting(key: string, value: string): SettingAnswer
  /** librdkafka's table of its settings, a row for each, with `|` between the cells. */
  settingsTable(): string
  /** Why librdkafka does not start a client with these settings together; empty if it does. */
  startProblem(isProducer: boolean, keysAndValues: readonly string[]): string
  errorText(code: number): string
  readonly runningVersion: number
  readonly builtVersion: number
  readonly versionText: string
}

/** Checks records of one schema in a slab. */
export interface BatchWalker {
  walk(
    slab: Uint8Array,
    ends: Uint32Array,
    flags: Uint8Array,
    from: number,
    to: number,
    header: Uint8Array,
    stop: Float64Array
  ): number
}

/** What the second addon exports, which knows nothing of Kafka. */
export interface AvroAddon {
  readonly BatchWalker: new (program: Int32Array, maxValues: number, maxDepth: number) => BatchWalker
}
