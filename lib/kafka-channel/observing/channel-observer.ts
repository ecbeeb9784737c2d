/** Looks at channels from outside: which there are, who is in them, what is unread. Joins none, and writes nothing. */
import { Deadline, type WaitOptions } from '../../deadline.js'
import { ChannelError } from '../../errors.js'
import {
  checkedSettings,
  type ConsumerClient,
  type KafkaSettings,
  type Lease,
  type ProducerClient
} from '../../kafka/index.js'
import { statusTopic } from '../channel-topics.js'
import {
  checkChannelName,
  checkConnection,
  clientOf,
  DEFAULT_OPEN_TIMEOUT_MS,
  refuseUnknown,
  wholeNumber
} from '../options.js'
import { PATIENCE_MS } from '../reader-options.js'
import { connectStatusConsumer, leaseStatusProducer } from '../shared-status.js'
import type { ChannelSnapshot } from './channel-snapshot.js'
import { ObservedChannel } from './observed-channel.js'

/** What `ChannelObserver.open` takes. */
export interface ChannelObserverOptions extends WaitOptions {
  /** The brokers, `host:port,host:port`, or `embedded:`. */
  readonly location: string
  /** Kafka's own dotted settings, handed to librdkafka as they are. Unknown and owned ones are refused by name. */
  readonly channelConfig?: KafkaSettings
  /** Kafka's `client.id`, of at most 100 bytes; default `millrace`. */
  readonly clientId?: string
  /** How long an end may be silent before it is called lost, in milliseconds; default 120,000. */
  readonly patienceMs?: number
  /** Milliseconds for `open` altogether; default 60,000. */
  readonly timeoutMs?: number | undefined
}

const observerOptions = ['location', 'channelConfig', 'clientId', 'patienceMs', 'timeoutMs', 'signal'] as const
const LOOK_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 10_000

/**
 * Sees the channels of a cluster as an operator wants to: who is open in them, who is lost, what each group has still to
 * read. It reads the status topics and asks for offsets, and is seen by nobody.
 *
 * Who is silent for how long is told by the times at which Kafka has its messages, so a first look shows it at once. They
 * are the clocks of the senders; from the second look on a message that is new counts as just written.
 */
export class ChannelObserver implements AsyncDisposable {
  readonly #channels = new Map<string, ObservedChannel>()
  readonly #patienceMs: number
  readonly #consumer: ConsumerClient
  readonly #client: Lease<ProducerClient>
  #last: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  private constructor(consumer: ConsumerClient, client: Lease<ProducerClient>, patienceMs: number) {
    this.#consumer = consumer
    this.#client = client
    this.#patienceMs = patienceMs
  }

  /**
   * Connects.
   * @throws TypeError, RangeError, ConfigurationError before that; TimeoutError when no broker answers
   */
  static async open(options: ChannelObserverOptions): Promise<ChannelObserver> {
    if (typeof options !== 'object' || options === null) throw new TypeError('open takes an object of options')
    refuseUnknown('an observer', options, observerOptions)
    checkConnection(options)
    const patienceMs = wholeNumber('patienceMs', options.patienceMs, PATIENCE_MS, 1, 2 ** 31 - 1)
    // Also those that its own clients do not take, being only a reader's or a writer's.
    checkedSettings(options.channelConfig)
    const deadline = new Deadline(options, DEFAULT_OPEN_TIMEOUT_MS)
    const clientOptions = clientOf(options)
    const client = await leaseStatusProducer(clientOptions, deadline)
    try {
      // One of its own: a program may well look at a channel in which it has an end.
      return new ChannelObserver(await connectStatusConsumer(clientOptions, deadline), client, patienceMs)
    } catch (error) {
      await client.release()
      throw error
    }
  }

  /**
   * Looks at channels as they are now. What cannot be found out of one, as by a broker that does not answer within the
   * time or for want of rights, is told in its `problems`, and does not keep the others from being seen.
   *
   * @param channelNames - which; by default all. Two of a channel's three topics are enough for one that is not named
   * @param options - `timeoutMs` is 10,000 by default, for all of them together
   * @returns by name; of those that were named, those of which there is more than the data topic
   * @throws TimeoutError, BrokerError when not even the topics can be listed
   */
  async look(channelNames?: readonly string[], options: WaitOptions = {}): Promise<ChannelSnapshot[]> {
    channelNames?.forEach(checkChannelName)
    // One after the other: each goes on where the one before has read to.
    const looking = this.#last.then(() => this.#look(channelNames, new Deadline(options, LOOK_TIMEOUT_MS)))
    this.#last = looking.catch(() => undefined)
    return await looking
  }

  /** Gives everything back. Idempotent. */
  async close(options: WaitOptions = {}): Promise<void> {
    await (this.#closed ??= this.#close(new Deadline(options, CLOSE_TIMEOUT_MS)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(deadline: Deadline): Promise<void> {
    for (const channel of this.#channels.values()) channel.close()
    this.#channels.clear()
    await Promise.all([this.#consumer.close(deadline), this.#client.release(deadline)])
  }

  async #look(channelNames: readonly string[] | undefined, deadline: Deadline): Promise<ChannelSnapshot[]> {
    if (this.#closed) throw new ChannelError('ERR_MILLRACE_CHANNEL_CLOSED', 'the observer is closed')
    const topics = await this.#client.client.listTopics(deadline)
    const names = [...new Set(channelNames ?? channelsAmong(topics))].sort()
    const looks = names.map(async name => {
      const snapshot = await this.#channel(name).look(topics, deadline)
      if (!snapshot) this.#forget(name)
      return snapshot
    })
    return (await Promise.all(looks)).filter(snapshot => snapshot !== undefined)
  }

  #forget(name: string): void {
    this.#channels.get(name)?.close()
    this.#channels.delete(name)
  }

  #channel(name: string): ObservedChannel {
    let channel = this.#channels.get(name)
    if (!channel) {
      const clients = { consumer: this.#consumer, client: this.#client.client }
      this.#channels.set(name, (channel = new ObservedChannel(name, clients, this.#patienceMs)))
    }
    return channel
  }
}

/** Names of which two of the three topics are there: one alone may be anybody's. */
function channelsAmong(topics: ReadonlyMap<string, number>): string[] {
  const isThere = (topic: string): boolean => (topics.get(topic) ?? 0) > 0
  const suffixes = [statusTopic('', 'reader'), statusTopic('', 'writer')]
  const names = [...topics.keys()].flatMap(topic =>
    suffixes.filter(suffix => topic.endsWith(suffix)).map(suffix => topic.slice(0, -suffix.length))
  )
  return names.filter(name => name !== '' && ['', ...suffixes].filter(suffix => isThere(name + suffix)).length > 1)
}
