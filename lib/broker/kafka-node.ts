/** One node of a real Kafka: its folder, its port, and its process, which ends and begins again as a test orders. */
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import type { Deadline } from '../deadline.js'
import { guardedProcess, type GuardedProcess } from './guarded-process.js'

/** What a node is made of. */
export interface KafkaNodeOptions {
  /** From 1. */
  readonly id: number
  readonly port: number
  /** Removed when all is over. */
  readonly folder: string
  /** Program and arguments. */
  readonly command: readonly string[]
}

export class KafkaNode {
  readonly id: number
  readonly port: number
  readonly #command: readonly string[]
  readonly #folder: string
  #process: GuardedProcess | undefined
  #runs = false

  constructor({ id, port, folder, command }: KafkaNodeOptions) {
    this.id = id
    this.port = port
    this.#folder = folder
    this.#command = command
  }

  /** Of the process that runs, or ran last. */
  get pid(): number {
    return this.#process?.pid ?? -1
  }

  get runs(): boolean {
    return this.#runs
  }

  /** Resolves when it listens; with the data of before, if it ran before. */
  async start(deadline: Deadline): Promise<void> {
    const before = this.#process
    const process = (this.#process = await guardedProcess(this.#command, this.#log, this.#folder))
    this.#runs = true
    // Only now, so that there is always somebody who removes the folder if our process is killed.
    await before?.leave()
    const died = process.exited.then(async status => {
      this.#runs = false
      const log = await readFile(this.#log, 'utf8').catch(() => '')
      throw new Error(`Kafka ended with status ${status}:\n${log.slice(-2000)}`)
    })
    await Promise.race([this.#listens(deadline), died])
  }

  /** Once its process is gone this resolves; a signal that does not end it resolves nothing. */
  async end(signal: 'SIGKILL' | 'SIGTERM', deadline: Deadline): Promise<void> {
    const { exited } = this.signal(signal)
    await deadline.wait(exited, `Kafka's node ${this.id} to end by ${signal}`)
  }

  /** @throws RangeError when it does not run: a fault that was not ordered would let a test pass */
  signal(signal: NodeJS.Signals): GuardedProcess {
    if (!this.#process || !this.#runs) throw new RangeError(`the broker ${this.id} does not run`)
    process.kill(this.#process.pid, signal)
    return this.#process
  }

  /** Kills it and removes its folder. Idempotent. */
  async remove(): Promise<void> {
    await this.#process?.end()
  }

  get #log(): string {
    return join(this.#folder, 'broker.log')
  }

  async #listens(deadline: Deadline): Promise<void> {
    while (!(await accepts(this.port))) await deadline.pause(50, `Kafka's node ${this.id} to listen`)
  }
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
