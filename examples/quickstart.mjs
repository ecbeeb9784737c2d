// quickstart.mjs: a writer, a topic, a group of three readers. Runs as it is: the broker is inside the process.
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
const schema = '{"type":"record","name":"Sample","fields":[{"name":"i","type":"long"}]}'
const channel = { location: 'embedded:', channelName: 'plant.press.samples', schema }
// Opened together: the principal reader, index 0, makes the topics; everybody else waits for them.
const [writer, ...readers] = await Promise.all([
  KafkaChannelWriter.open(channel),
  ...[0, 1, 2].map(index => KafkaChannelReader.open({ ...channel, group: { index, size: 3 } }))
])
await writer.write([1, 2, 3, 4, 5, 6, 7, 8, 9].map(i => ({ i })))
await writer.close() // all of it is acknowledged, and its readers know where it ends

const readAll = async reader => {
  for await (const { records, partition, done } of reader.batches()) {
    console.log(`partition ${partition}:`, records.map(({ i }) => i).join(' '))
    await done() // a restarted reader begins behind this
  }
  await reader.close() // the principal waits for the others here, and deletes the topics
}
await Promise.all(readers.map(readAll))
