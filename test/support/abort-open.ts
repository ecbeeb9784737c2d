/**
 * Opens channels where no broker is, reads files and names meanwhile, and gives up by a signal. The process shall then end
 * by itself at once, though the opens had two minutes.
 */
import { pbkdf2 } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { itemSchema } from './channel-fixture.js'
import { rejection } from './rejection.js'

const abort = new AbortController()
const opening = Array.from({ length: 10 }, (_, i) => {
  // A client of its own for each.
  const options = { location: '127.0.0.1:1', channelName: 'c', clientId: `client ${i}`, schema: itemSchema }
  const end = i % 2 === 0 ? KafkaChannelReader : KafkaChannelWriter
  return rejection(end.open({ ...options, timeoutMs: 120_000, signal: abort.signal }))
})
await Promise.all([readFile(import.meta.filename), lookup('localhost'), promisify(pbkdf2)('a', 'b', 1, 8, 'sha1')])
console.log('files read')
abort.abort(new Error('enough'))
for (const error of await Promise.all(opening)) console.log(error.message)
// With a thread of Node's pool that waits for a broker, this would not end either.
if (process.argv[2] === 'exit') process.exit(3)
