/** Ends the process in the middle of reading and writing. */
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { EmbeddedBroker } from 'millrace/testing'
import { items, itemSchema } from './channel-fixture.js'

const broker = new EmbeddedBroker()
const common = { location: broker.bootstrapServers, channelName: 'channel', schema: itemSchema }
const [reader, writer] = await Promise.all([KafkaChannelReader.open(common), KafkaChannelWriter.open(common)])
await writer.write(items(1000))
await writer.flush()
console.log(`acknowledged ${writer.counts.acknowledged}`)
void writer.write(items(1000))
void reader.read()
void reader.commit()
process.exit(7)
