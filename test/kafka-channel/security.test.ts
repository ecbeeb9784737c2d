/** What an end of a channel says when the cluster does not let it in, or cannot be trusted. */
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { BrokerError, KafkaChannelReader, KafkaChannelWriter, type KafkaSettings, TimeoutError } from 'millrace'
import { onSecureBroker } from '../support/brokers.js'
import { itemSchema } from '../support/channel-fixture.js'
import { rejection } from '../support/rejection.js'
import { runScript } from '../support/run-script.js'
import type { SecureBroker, User } from '../support/secure-broker.js'

/** What is refused for good is said long before this. */
const TIMEOUT_MS = 20_000
const SOON_MS = 10_000

type Open = (location: string, channelConfig: KafkaSettings, timeoutMs?: number) => Promise<unknown>

const openings: [string, Open][] = [
  [
    'a reader',
    (location, channelConfig, timeoutMs = TIMEOUT_MS) =>
      KafkaChannelReader.open({ ...channelAt(location), channelConfig, timeoutMs })
  ],
  [
    'a writer',
    (location, channelConfig, timeoutMs = TIMEOUT_MS) =>
      KafkaChannelWriter.open({ ...channelAt(location), channelConfig, timeoutMs })
  ]
]

function channelAt(location: string) {
  return { location, channelName: `security.${randomUUID()}`, schema: itemSchema }
}

interface Mistake {
  readonly title: string
  readonly settings: (secure: SecureBroker) => KafkaSettings
  readonly location?: (secure: SecureBroker) => string
  readonly code: string
  readonly says: RegExp
}

const at = ({ location }: SecureBroker): string => location

const mistakes: Mistake[] = [
  {
    title: 'a wrong password for SCRAM',
    settings: () => ({ 'sasl.password': 'wrong' }),
    code: 'ERR_MILLRACE_AUTHENTICATION',
    says: /localhost:\d+.*invalid credentials.*SCRAM-SHA-512.*'sasl.password'/
  },
  {
    title: 'a wrong password for PLAIN',
    settings: ({ plainUser }) => ({ ...plainUser.settings, 'sasl.password': 'wrong' }),
    code: 'ERR_MILLRACE_AUTHENTICATION',
    says: /localhost:\d+.*Invalid username or password.*'sasl.password'/
  },
  {
    title: 'a mechanism that the broker does not have',
    settings: () => ({ 'sasl.mechanisms': 'SCRAM-SHA-256' }),
    code: 'ERR_MILLRACE_AUTHENTICATION',
    says: /SCRAM-SHA-256.*SCRAM-SHA-512,PLAIN.*'sasl.mechanisms'/
  },
  {
    title: 'a certificate of a CA that it does not know',
    settings: ({ certificates }) => ({ 'ssl.ca.location': certificates.foreignCa }),
    code: 'ERR_MILLRACE_TLS',
    says: /certificate verify failed.*no CA in 'ssl.ca.location'/
  },
  {
    title: 'a certificate that is made out to another host',
    settings: () => ({}),
    location: ({ port }) => `127.0.0.1:${port}`,
    code: 'ERR_MILLRACE_TLS',
    says: /certificate verify failed.*not made out to '127\.0\.0\.1'/
  }
]

onSecureBroker('Kafka channel: security', secure => {
  let user: User
  before(async () => {
    user = await secure().user()
  })

  for (const [end, open] of openings) {
    for (const { title, settings, location = at, code, says } of mistakes) {
      it(`${end} is told of ${title}, and need not wait for its deadline`, async () => {
        const began = performance.now()
        const channelConfig = { ...user.settings, ...settings(secure()) }
        const error = await rejection(open(location(secure()), channelConfig))
        expect(error, error.stack).to.be.instanceOf(BrokerError).and.include({ code, isRetriable: false })
        expect(error.message).to.match(says)
        expect(performance.now() - began).to.be.below(SOON_MS)
      })
    }

    it(`${end} goes on trying where a broker hangs up, which may pass, and says at its deadline what may be wrong`, async () => {
      for (const [protocol, says] of [
        ['plaintext', /another 'security.protocol' than plaintext/],
        ['sasl_plaintext', /another 'security.protocol' than sasl_plaintext/],
        ['ssl', /another 'security.protocol' than ssl/]
      ] as const) {
        const { 'ssl.ca.location': ca, 'broker.address.family': family, ...sasl } = user.settings
        const tls = protocol === 'ssl' ? { 'ssl.ca.location': ca } : {}
        const channelConfig = {
          'security.protocol': protocol,
          'broker.address.family': family,
          ...tls,
          ...(protocol === 'sasl_plaintext' && { ...sasl, 'security.protocol': protocol })
        } as KafkaSettings
        const error = await rejection(open(secure().location, channelConfig, 1500))
        expect(error).to.be.instanceOf(TimeoutError)
        expect(error.message).to.match(says)
      }
      const error = await rejection(open(secure().broker.bootstrapServers, user.settings, 1500))
      expect(error).to.be.instanceOf(TimeoutError)
      expect(error.message).to.match(/another 'security.protocol' than sasl_ssl/)
    })
  }

  it('all who wait for one client are told of a wrong password, each before its deadline', async () => {
    const began = performance.now()
    const channelConfig = { ...user.settings, 'sasl.password': 'wrong' }
    const open = openings[1]?.[1] as Open
    const all = Array.from({ length: 20 }, () => rejection(open(secure().location, channelConfig)))
    const errors = await Promise.all(all)
    for (const error of errors) expect(error).to.have.property('code', 'ERR_MILLRACE_AUTHENTICATION')
    expect(performance.now() - began).to.be.below(SOON_MS)
  })

  it('goes on when one of several addresses refuses it and another does not', async () => {
    const somebody = await secure().user({ operations: ['Describe'], on: 'topic', name: 'security.' })
    const location = `127.0.0.1:${secure().port},${secure().location}`
    const error = await rejection(
      KafkaChannelWriter.open({ ...channelAt(location), channelConfig: somebody.settings, timeoutMs: 5000 })
    )
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.match(/for the topic/)
  })

  it('C56: no password is in an error, an open end as it is shown, or what librdkafka logs', async () => {
    const { password, settings } = await secure().user(
      {
        operations: ['Create', 'Read', 'Write'],
        on: 'topic',
        name: '*',
        pattern: 'literal'
      },
      { operations: ['Read'], on: 'group', name: '*', pattern: 'literal' }
    )
    const script = 'test/support/secrets-in-use.ts'
    const { status, stdout, stderr } = await runScript(
      script,
      [secure().location, JSON.stringify(settings), secure().certificates.foreignCa],
      60_000
    )
    expect([status, stdout.trim().endsWith('done')], stderr).to.deep.equal([0, true])
    for (const code of ['AUTHENTICATION', 'NOT_AUTHORIZED', 'TLS', 'TIMEOUT'])
      expect(stdout).to.contain(`ERR_MILLRACE_${code}`)
    expect((stdout + stderr).includes(password), 'a password was shown').to.equal(false)
    expect(inspect(settings)).to.contain(password)
  })
})
