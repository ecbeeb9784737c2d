/** Sends messages with keys and headers to one topic, each acknowledged on its own: for what comes at a low rate. */
import type { Deadline } from '../deadline.js'
import { type BrokerError, ChannelError, TimeoutError } from '../errors.js'
import { writeError } from './broker-error.js'
import type { OutgoingMessage } from './message.js'
import type { ProducerClient, Settled } from './producer-client.js'

interface Sending {
  readonly partition: number
  readonly message: OutgoingMessage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** Whether librdkafka has it. */
  isTaken: boolean
}

export class MessageProducer {
  readonly #topic: number
  /** Not taken by librdkafka, in the order of the calls. */
  readonly #waiting: Sending[] = []
  /** One function for ever, so that a client that is asked for room many times calls it once. */
  readonly #goOn = (): void => this.#pump()
  #isClosed = false

  constructor(
    private readonly client: ProducerClient,
    readonly topic: string
  ) {
    this.#topic = client.openTopic(topic)
  }

  /**
   * Sends one message; its order among the others of its partition is that of the calls. Waits while librdkafka's queue
   * is full. The message's buffers must not change until this settles.
   *
   * @returns resolves when the message is acknowledged
   * @throws BrokerError when it surely is not in the log, or may be; the text says which
   * @throws TimeoutError at the deadline, not retriable when librdkafka has the message: it may still arrive
   * @throws ChannelError `ERR_MILLRACE_CHANNEL_CLOSED` when this is closed before librdkafka has taken it
   */
  async send(partition: number, message: OutgoingMessage, deadline: Deadline): Promise<void> {
    if (this.#isClosed) throw this.#closed()
    const place = `a message to ${this.topic} [${partition}]`
    const acknowledgement = `the acknowledgement of ${place}`
    deadline.check(acknowledgement)
    const { promise, sending } = this.#begin(partition, message)
    try {
      await deadline.wait(promise, () => (sending.isTaken ? acknowledgement : `room for ${place}`))
    } catch (error) {
      this.#giveUp(sending)
      if (!(error instanceof TimeoutError) || !sending.isTaken) throw error
      throw new TimeoutError(`${acknowledgement}, which goes on by itself`, error.timeoutMs, { isRetriable: false })
    }
  }

  /** What librdkafka has taken is still settled, as long as the client is open. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closed())
    this.client.closeTopic(this.#topic)
  }

  #begin(partition: number, message: OutgoingMessage): { promise: Promise<void>; sending: Sending } {
    let sending!: Sending
    const promise = new Promise<void>((resolve, reject) => {
      sending = { partition, message, resolve, reject, isTaken: false }
    })
    this.#waiting.push(sending)
    this.#pump()
    return { promise, sending }
  }

  #pump(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      try {
        first.isTaken = this.#produce(first)
      } catch (error) {
        first.reject(error)
        this.#giveUp(first)
        continue
      }
      if (!first.isTaken) {
        this.client.onceRoom(this.#goOn)
        return
      }
      this.#waiting.shift()
    }
  }

  #produce({ partition, message, resolve, reject }: Sending): boolean {
    return this.client.produceMessage(this.#topic, partition, message, settled => {
      if (settled.acknowledged === 1) resolve()
      else reject(this.#failed(partition, settled))
    })
  }

  /** Nobody waits for it any more: what librdkafka has not taken is not sent. */
  #giveUp(sending: Sending): void {
    const index = this.#waiting.indexOf(sending)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  #failed(partition: number, settled: Settled): BrokerError {
    const outcome = settled.unknown > 0 ? 'which may be in the log' : 'which is surely not in the log'
    const doing = `sending a message to ${this.topic} [${partition}], ${outcome}`
    return writeError(doing, settled.code, this.client, this.topic)
  }

  #closed(): ChannelError {
    return new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', `the producer of messages to ${this.topic} is closed`)
  }
}
