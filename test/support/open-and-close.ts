/** Opens both ends, moves records, closes, and tells how many threads of clients there were. */
import { readdirSync, readFileSync } from 'node:fs'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { items, itemSchema, readCount } from './channel-fixture.js'

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
const before = clientThreads()
const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }
const [reader, writer] = await Promise.all([KafkaChannelReader.open(common), KafkaChannelWriter.open(common)])
await writer.write(items(100))
await readCount(reader as KafkaChannelReader<{ n: number; text: string }>, 100)
await reader.commit()
const during = clientThreads()
await writer.close()
await reader.close()
console.log(JSON.stringify({ before, during, after: clientThreads() }))
await broker.close()
