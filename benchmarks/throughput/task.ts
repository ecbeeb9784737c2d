/** One measurement: what a child process is told, and what it answers. */

export interface Task {
  readonly client: 'millrace' | 'node-rdkafka'
  readonly op: 'write' | 'read'
  readonly bootstrapServers: string
  readonly topic: string
  readonly partitions: number
  readonly records: number
  readonly recordBytes: number
  readonly lingerMs: number
}

export interface Measured {
  readonly seconds: number
  readonly cpuMicroseconds: number
  readonly peakMemoryMB: number
  readonly threads: number | null
  /** Of a reader: the sum of `i` over what it read. */
  readonly sum?: number
}

/** Begins when the client is ready, ends with the last acknowledgement or the last decoded record. */
export interface Clock {
  start(): void
  stop(): void
}

/** How a client does its part. @returns the sum of `i`, for a reader */
export type Contestant = (task: Task, clock: Clock) => Promise<number | undefined>
