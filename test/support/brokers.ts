/** Runs a behaviour suite on each kind of broker; what a broker cannot do is a declared capability. */
import type { Suite } from 'mocha'
import {
  type BrokerCapability,
  BrokerUnavailableError,
  createTestBroker,
  EmbeddedBroker,
  type TestBroker
} from 'millrace/testing'

/** One real broker for the whole run: every test makes topics of its own. */
let real: Promise<TestBroker> | undefined

export function realBroker(): Promise<TestBroker> {
  real ??= createTestBroker('real')
  return real
}

/** For mocha's `require`: ends what the run has started. */
export const mochaHooks = {
  async afterAll(): Promise<void> {
    await real?.then(
      broker => broker.close(),
      () => undefined
    )
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
  describe(`${title} [real broker]`, function (this: Suite) {
    let broker: TestBroker
    before(async function () {
      try {
        broker = await realBroker()
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
