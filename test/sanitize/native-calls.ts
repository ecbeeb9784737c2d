/** Random calls of the addons with values that they must refuse: each throws or does what it says, and nothing crashes. */
import { EmbeddedBroker } from 'millrace/testing'
import { avroAddon, native } from '../../lib/native/index.js'
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

/** What an object of ours has to call, by name. */
type Callable = Record<string, (...args: readonly unknown[]) => unknown>

const makers: Record<string, () => unknown> = {
  queues: () => new addon.PartitionQueues(consumer.name, nothing),
  slabs: () => new addon.SlabProducer(producer.name, nothing),
  requests: () => new addon.Requests(consumer.name, true, nothing),
  requestsOfProducer: () => new addon.Requests(producer.name, false, nothing),
  walker: () => new (avroAddon().BatchWalker)(Int32Array.of(14, 2, 4, 5, 3, 8), 1000, 10)
}
const constructors = [addon.PartitionQueues, addon.SlabProducer, addon.Requests, avroAddon().BatchWalker]

const objects = new Map(Object.entries(makers).map(([name, make]) => [name, make() as Callable]))

/** Those that wait or start threads are left to others: this is about arguments. */
const left = new Set(['constructor', 'startProblem', 'closeConsumer'])
const plain = addon as unknown as Callable

let thrown = 0
for (let i = 0; i < count; i++) {
  const args = Array.from({ length: random.below(9) }, () => value(random))
  try {
    if (random.below(50) === 0) {
      const maker = random.pick(constructors) as unknown as new (...args: unknown[]) => object
      new maker(...args)
    } else if (random.below(10) === 0) {
      plain[random.pick(['checkSetting', 'errorText', 'settingsTable'])]?.(...args)
    } else {
      const name = random.pick([...objects.keys()])
      const object = objects.get(name) as Callable
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter(method => !left.has(method))
      const method = random.pick(methods)
      // Closed ones are called for a while, then there is a new one.
      if (random.below(2000) === 0) objects.set(name, (makers[name] as () => unknown)() as Callable)
      if (method === 'close' && random.below(100) !== 0) continue
      object[method]?.(...args)
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    thrown++
  }
  // So that answers and acknowledgements come in between.
  if (i % 1000 === 0) await new Promise(resolve => setImmediate(resolve))
}

/** What was left open is closed, so that the clients can go. */
for (const object of objects.values()) object.close?.()
globalThis.gc?.()
await kafkaCall(done => producer.client.disconnect(() => done()))
await kafkaCall(done => consumer.client.disconnect(() => done()))
await broker.close()
console.log(`${count} random native calls (--seed ${random.seed}): ${thrown} refused`)
