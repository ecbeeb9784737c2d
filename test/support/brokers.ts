/** Runs a behaviour suite on each kind of broker; what a broker cannot do is a declared capability. */
import type { Suite } from 'mocha'
import {
  ApacheBroker,
  type ApacheBrokerOptions,
  type BrokerCapability,
  BrokerUnavailableError,
  createTestBroker,
  EmbeddedBroker,
  type TestBroker
} from 'millrace/testing'
import { SecureBroker } from './secure-broker.js'

/** One real broker for the whole run: every test makes topics of its own. */
let real: Promise<TestBroker> | undefined

export function realBroker(): Promise<TestBroker> {
  real ??= createTestBroker('real')
  return real
}

/** Real clusters with faults to order, by their number of brokers; each test leaves all of them running. */
const apaches = new Map<number, Promise<ApacheBroker>>()

function apacheBroker(brokers: number): Promise<ApacheBroker> {
  let apache = apaches.get(brokers)
  if (!apache) apaches.set(brokers, (apache = ApacheBroker.start({ brokers })))
  return apache
}

let secure: Promise<SecureBroker> | undefined

/** For mocha's `require`: ends what the run has started. */
export const mochaHooks = {
  async afterAll(): Promise<void> {
    const started = [real, secure, ...apaches.values()].filter(one => one !== undefined)
    await Promise.allSettled(started.map(async one => (await one).close()))
  }
}

/** What a suite gets: the broker, once its `before` hooks have run. */
export type BrokerUnderTest = () => TestBroker

/** @param suite - a behaviour, as a function of a broker */
export function onEachBroker(title: string, suite: (broker: BrokerUnderTest) => void): void {
  onEmbeddedBroker(title, suite)
  onRealBroker(title, suite)
}

export function onEmbeddedBroker(title: string, suite: (broker: () => EmbeddedBroker) => void): void {
  describe(`${title} [embedded broker]`, () => {
    let broker: EmbeddedBroker
    before(() => {
      broker = new EmbeddedBroker({ brokers: 1 })
    })
    after(() => broker.close())
    suite(() => broker)
  })
}

export function onRealBroker(title: string, suite: (broker: BrokerUnderTest) => void): void {
  onStarted(`${title} [real broker]`, realBroker, suite)
}

/** A real cluster whose brokers tests kill, stop, pause and start again. */
export function onApacheBrokers(brokers: number, title: string, suite: (broker: () => ApacheBroker) => void): void {
  const label = brokers === 1 ? 'a real broker' : `${brokers} real brokers`
  onStarted(`${title} [${label} of its own]`, () => apacheBroker(brokers), suite)
}

/** A real broker with settings of its own, which is there for this suite alone. */
export function onOwnBroker(
  title: string,
  options: ApacheBrokerOptions,
  suite: (broker: () => ApacheBroker) => void
): void {
  let started: Promise<ApacheBroker> | undefined
  onStarted(
    `${title} [a real broker of its own]`,
    () => (started = ApacheBroker.start(options)),
    broker => {
      after(async () => (await started)?.close())
      suite(broker)
    }
  )
}

/** A real broker with a secured listener, for all suites of the run that want one. */
export function onSecureBroker(title: string, suite: (broker: () => SecureBroker) => void): void {
  onStarted(`${title} [a secured broker]`, () => (secure ??= SecureBroker.start()), suite)
}

function onStarted<Broker>(title: string, start: () => Promise<Broker>, suite: (broker: () => Broker) => void): void {
  describe(title, function (this: Suite) {
    let broker: Broker
    before(async function () {
      try {
        broker = await start()
      } catch (error) {
        // Only what cannot run here is skipped, and says so; a broker that fails to start fails the tests.
        if (!(error instanceof BrokerUnavailableError)) throw error
        console.log(`skipped: ${error.message}`)
        this.skip()
      }
    })
    suite(() => broker)
  })
}

/** Skips a test that needs what the broker cannot do. */
export function needs(context: Mocha.Context, broker: TestBroker, capability: BrokerCapability): void {
  if (broker.capabilities.has(capability)) return
  console.log(`skipped: the ${broker.kind} broker cannot do this: ${capability}`)
  context.skip()
}
