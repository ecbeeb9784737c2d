/**
 * Opens ends on a secured broker, rightly and wrongly, with librdkafka's log at its loudest, and prints whatever a user
 * could see. The test searches it for the password, which stands in the environment of no one.
 */
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { type KafkaSettings, KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { itemSchema } from './channel-fixture.js'

const [location = '', json = '', foreignCa = ''] = process.argv.slice(2)
const right: KafkaSettings = { ...(JSON.parse(json) as KafkaSettings), debug: 'all' }
const password = String(right['sasl.password'])
const wrongs: KafkaSettings[] = [
  // The right one is in it: what is refused may be shown where it is compared.
  { 'sasl.password': `${password}!` },
  { 'sasl.mechanisms': 'PLAIN' },
  { 'sasl.mechanisms': 'SCRAM-SHA-256' },
  { 'ssl.ca.location': foreignCa },
  { 'security.protocol': 'sasl_plaintext' }
]

const show = (value: unknown): void => {
  console.log(inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value), String(value))
}

const common = { location, schema: itemSchema, timeoutMs: 3000 }
for (const wrong of wrongs) {
  for (const end of [KafkaChannelReader, KafkaChannelWriter]) {
    const channelConfig = { ...right, ...wrong }
    await end.open({ ...common, channelName: `secrets.${randomUUID()}`, channelConfig }).then(show, show)
  }
}
// Open, at work, and without the right to delete what it has made.
const options = { ...common, channelName: `secrets.${randomUUID()}`, channelConfig: right, timeoutMs: 20_000 }
const ends = await Promise.all([KafkaChannelReader.open(options), KafkaChannelWriter.open(options)])
ends.forEach(show)
const [reader, writer] = ends
await writer.write([{ n: 1, text: 'one' }])
await writer.close()
for await (const batch of reader.batches()) {
  await reader.commit()
  console.log(batch.records.length)
}
await reader.close().then(show, show)
console.log('done')
