/**
 * Provokes errors with settings that hold secrets, with librdkafka's log at its loudest, and prints whatever a user could
 * see: messages, stacks, and how the objects look. The test searches all output for the secrets.
 */
import { inspect } from 'node:util'
import { type KafkaSettings, KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { itemSchema } from './channel-fixture.js'

const secret = process.argv[2] as string
const location = process.argv[3] as string
const common = { location, channelName: 'secrets', schema: itemSchema, timeoutMs: 1500 }
const sasl = { 'security.protocol': 'sasl_plaintext', 'sasl.mechanism': 'PLAIN', 'sasl.username': 'me' }
const configurations: KafkaSettings[] = [
  { ...sasl, 'sasl.password': secret, debug: 'all' },
  { ...sasl, 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.password': secret, debug: 'all' },
  { ...sasl, 'sasl.pasword': secret },
  { 'ssl.key.password': secret, 'security.protocol': 'ssl', 'ssl.key.location': '/no/such.pem' },
  { 'ssl.key.pem': secret, 'security.protocol': 'ssl' },
  { 'ssl.keystore.password': secret, 'security.protocol': 'ssl', 'ssl.keystore.location': '/no/such.p12' },
  { ...sasl, 'sasl.mechanism': 'OAUTHBEARER', 'sasl.oauthbearer.client.secret': secret },
  { 'sasl.password': { toString: () => secret } as never },
  { 'linger.ms': 'soon', 'sasl.password': secret }
]
for (const channelConfig of configurations) {
  for (const end of [KafkaChannelReader, KafkaChannelWriter]) {
    try {
      const opened = await end.open({ ...common, channelConfig })
      console.log(inspect(opened, { depth: 10, showHidden: true }), JSON.stringify(opened))
      await opened.close()
    } catch (error) {
      console.log(inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error))
    }
  }
}
console.log('done')
