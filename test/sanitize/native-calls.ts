/** Random calls of the addons with values that they must refuse: each throws or does what it says, and nothing crashes. */
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedBroker } from 'millrace/testing'
import { avroAddon, native, type PartitionQueues, type SlabProducer } from '../../lib/native/index.js'
import { kafkaCall } from '../support/raw.js'
import { parameters, Random } from '../support/random.js'

const { count, random } = parameters(100_000)
const { addon, rdkafka } = native()
const broker = new EmbeddedBroker()
broker.createTopic('topic', 4)

const settings = { 'bootstrap.servers': broker.bootstrapServers, 'plugin.library.paths': '' }
const { addonPath } = await import('../../lib/native/index.js')
settings['plugin.library.paths'] = addonPath

type Named = { connect(options: object, done: (error: unknown) => void): void; on(event: string, act: unknown): void }

/** A client of node-rdkafka that our plugin has captured, and its name. */
async function captured<Client>(client: Client): Promise<{ client: Client; name: string }> {
  let name = ''
  ;(client as unknown as Named).on('ready', (info: { name: string }) => (name = info.name))
  await kafkaCall(done =>
    (client as unknown as Named).connect({ allTopics: false }, error => done(error as Error | null))
  )
  return { client, name }
}

const consumer = await captured(new rdkafka.KafkaConsumer({ ...settings, 'group.id': 'g' }, {}))
const producer = await captured(new rdkafka.Producer(settings, {}))
const nothing = (): void => undefined

function detached(): Uint8Array {
  const array = new Uint8Array(64)
  structuredClone(array, { transfer: [array.buffer] })
  return array
}

const numbers = [
  0,
  1,
  2,
  3,
  7,
  64,
  1000,
  -1,
  -2,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e300
]
const texts = ['', 'topic', 'other', 'g', consumer.name, producer.name, 'x'.repeat(300), 'a\0b', 'linger.ms', '5', 'ü']

function array(random: Random): unknown {
  const length = random.pick([0, 1, 2, 3, 64, 1000])
  const typed = random.pick([Uint8Array, Int32Array, Uint32Array, Float64Array, Int8Array])
  const shared = new SharedArrayBuffer(length * typed.BYTES_PER_ELEMENT) as unknown as ArrayBuffer
  const made = random.below(8) === 0 ? new typed(shared) : new typed(length)
  for (let i = 0; i < length; i++) made[i] = random.pick(numbers)
  if (random.below(3) === 0) made.sort()
  return made
}

function value(random: Random): unknown {
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return random.pick(numbers)
    case 3:
    case 4:
      return random.pick(texts)
    case 5:
    case 6:
    case 7:
      return array(random)
    case 8:
      return random.pick<unknown>([undefined, null, true, false, {}, [], ['a', 'b'], nothing, 1n, Symbol('s')])
    default:
      return detached()
  }
}

/** As `SlabProducer.produceMessage` takes them, or nearly. */
function headers(random: Random): unknown[] {
  const made: unknown[] = []
  for (let i = random.below(4); i > 0; i--) made.push(random.pick(texts), bytes(random))
  if (random.below(4) === 0) made.push(value(random))
  // One whose reading takes the producer away.
  if (random.below(20) === 0) Object.defineProperty(made, 0, { get: () => (objects.get('slabs')?.close?.(), 'name') })
  return made
}

function bytes(random: Random): Uint8Array {
  if (random.below(8) === 0) return detached()
  return new Uint8Array(random.pick([0, 1, 64, 64, 64, 1_500_000])).fill(random.below(256))
}

/** For the calls that random arguments hardly ever fit. */
const fitting: Record<string, (random: Random) => unknown[]> = {
  drain: random => [
    1 + random.below(4),
    1 + random.below(100),
    new Uint8Array(random.pick([100, 65_536])),
    new Uint32Array(100),
    new Float64Array(100),
    new Float64Array(100),
    new Uint8Array(100),
    new Float64Array(3),
    random.below(4) > 0
  ],
  keptMessage: random => [random.below(20)],
  drainMessages: random => [1 + random.below(4), 1 + random.below(100), new Float64Array(random.pick([2, 3]))],
  openTopic: random => [random.pick(['topic', 'other'])],
  take: random => [random.pick(['topic', 'other']), random.below(4)],
  produceMessage: random => [
    random.below(3),
    1 + random.below(1000),
    random.below(5),
    random.pick([null, bytes(random)]),
    random.pick([null, bytes(random)]),
    headers(random)
  ]
}

function argumentsOf(method: string, random: Random): unknown[] {
  const args = random.below(2) === 0 ? fitting[method]?.(random) : undefined
  if (!args) return Array.from({ length: random.below(10) }, () => value(random))
  if (random.below(2) === 0) args[random.below(args.length)] = value(random)
  return args
}

/** What an object of ours has to call, by name. */
type Callable = Record<string, (...args: readonly unknown[]) => unknown>

const makers: Record<string, () => unknown> = {
  queues: () => {
    const queues = new addon.PartitionQueues(consumer.name, nothing)
    // Some of what is drained are messages that the other calls have sent.
    const partitions = [0, 1, 2, 3].map(partition => ({ topic: 'topic', partition, offset: 0 }))
    for (const { partition } of partitions) queues.take('topic', partition)
    consumer.client.assign(partitions)
    return queues
  },
  slabs: () => new addon.SlabProducer(producer.name, nothing),
  requests: () => new addon.Requests(consumer.name, true, nothing),
  requestsOfProducer: () => new addon.Requests(producer.name, false, nothing),
  walker: () => new (avroAddon().BatchWalker)(Int32Array.of(14, 2, 4, 5, 3, 8), 1000, 10)
}
const constructors = [addon.PartitionQueues, addon.SlabProducer, addon.Requests, avroAddon().BatchWalker]

const objects = new Map(Object.entries(makers).map(([name, make]) => [name, make() as Callable]))

/** Messages to read, before any call closes what sends them. */
const slabs = objects.get('slabs') as unknown as SlabProducer
const topic = slabs.openTopic('topic')
for (let i = 1; i <= 100; i++) {
  const sent = ['same', Buffer.from('1'), 'same', Buffer.alloc(0), 'binary', Buffer.of(0, 0x80, 0xff)]
  slabs.produceMessage(
    topic,
    i,
    i % 4,
    i % 3 === 0 ? null : Buffer.from(`${i}`),
    i % 5 === 0 ? null : Buffer.alloc(i),
    sent
  )
}
while (slabs.openTickets() > 0) await delay(2)
let messages = 0
const queues = objects.get('queues') as unknown as PartitionQueues
while (messages === 0) {
  await delay(2)
  messages = queues.drainMessages(1, 10, new Float64Array(2)).length
}

/** Those that wait or start threads are left to others: this is about arguments. */
const left = new Set(['constructor', 'startProblem', 'closeConsumer', 'giveUp'])
const plain = addon as unknown as Callable

let thrown = 0
for (let i = 0; i < count; i++) {
  try {
    if (random.below(50) === 0) {
      const args = argumentsOf('', random)
      const maker = random.pick(constructors) as unknown as new (...args: unknown[]) => object
      new maker(...args)
    } else if (random.below(10) === 0) {
      plain[random.pick(['checkSetting', 'errorText', 'settingsTable'])]?.(...argumentsOf('', random))
    } else {
      const name = random.pick([...objects.keys()])
      const object = objects.get(name) as Callable
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter(method => !left.has(method))
      const method = random.pick(methods)
      // Closed ones are called for a while, then there is a new one.
      if (random.below(2000) === 0) objects.set(name, (makers[name] as () => unknown)() as Callable)
      if ((method === 'close' || method === 'release') && random.below(100) !== 0) continue
      const result = object[method]?.(...argumentsOf(method, random))
      if (method === 'drainMessages') messages += (result as unknown[]).length
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    thrown++
  }
  // So that answers and acknowledgements come in between.
  if (i % 100 === 0) await delay(2)
}

/** What was left open is closed, so that the clients can go. */
for (const object of objects.values()) object.close?.()
globalThis.gc?.()
await kafkaCall(done => producer.client.disconnect(() => done()))
await kafkaCall(done => consumer.client.disconnect(() => done()))
await broker.close()
console.log(`${count} random native calls (--seed ${random.seed}): ${thrown} refused, ${messages} messages read`)
