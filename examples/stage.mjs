// stage.mjs [LOCATION [INPUT [OUTPUT]]]: a stage between two channels that is stopped by SIGTERM or SIGINT in the middle
// of its work and goes on when it is started again: every sample is scaled once, none is lost and none comes twice.
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'

const [location = 'localhost:9092', input = 'plant.press.samples', output = 'plant.press.scaled'] =
  process.argv.slice(2)
const schema = '{"type":"record","name":"Sample","fields":[{"name":"i","type":"long"}]}'

const stopping = new AbortController()
const statuses = { SIGINT: 130, SIGTERM: 143 }
const stop = signal => {
  // A second signal finds no handler, and ends the process at once: that is a crash, after which a batch comes again.
  for (const one of Object.keys(statuses)) process.removeListener(one, stop)
  process.exitCode = statuses[signal]
  stopping.abort()
}
for (const one of Object.keys(statuses)) process.on(one, stop)

const { signal } = stopping
let reader
let writer
try {
  reader = await KafkaChannelReader.open({ location, channelName: input, schema, signal })
  // With a name: to its readers it is the same writer when it comes back.
  writer = await KafkaChannelWriter.open({ location, channelName: output, schema, signal, name: 'stage' })
  // The signal ends the loop between two batches, so that the one in hand is finished.
  for await (const batch of reader.batches({ signal })) {
    await writer.write(batch.records.map(({ i }) => ({ i: 2 * i })))
    await writer.flush() // every output is acknowledged
    await batch.done() // now the input of it may be committed
  }
  if (reader.isFinished) await writer.close() // the output ends too
} catch (error) {
  if (error !== signal.reason) throw error
} finally {
  try {
    await writer?.leave() // without an end, unless it was closed: it will be back
  } finally {
    await reader?.close() // the topics stay, unless all of the input is read
    for (const one of Object.keys(statuses)) process.removeListener(one, stop)
  }
}
