/** Opens both ends, moves records, closes, and tells how many threads of clients there were. */
import { readdirSync, readFileSync } from 'node:fs'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { type Item, items, itemSchema, readCount } from './channel-fixture.js'
import { eventually } from './eventually.js'

/** Threads of librdkafka, by the names that it gives them. */
function clientThreads(): number {
  return readdirSync('/proc/self/task').filter(id => nameOf(id).startsWith('rdk:')).length
}

function nameOf(id: string): string {
  try {
    return readFileSync(`/proc/self/task/${id}/comm`, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}

const broker = new EmbeddedBroker()
const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }
const [reader, writer] = await Promise.all([
  KafkaChannelReader.open<Item>(common),
  KafkaChannelWriter.open<Item>(common)
])
await writer.write(items(100))
await readCount(reader, 100)
await reader.commit()
const during = clientThreads()
await writer.close()
await reader.close()
await broker.close()
// A thread that was joined may stay in the system's list for a moment.
const waitedFor = 'the threads of the clients and the broker to end'
await eventually(() => clientThreads() === 0, { timeoutMs: 5000, waitedFor })
console.log(JSON.stringify({ during, after: clientThreads() }))
