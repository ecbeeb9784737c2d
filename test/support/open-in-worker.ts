/** Opens a channel in a worker thread, and tells what came of it; then in the main thread. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { KafkaChannelReader, RecordType } from 'millrace'
import { itemSchema } from './channel-fixture.js'

const channel = { location: 'embedded:', channelName: 'channel', schema: itemSchema }

if (isMainThread) {
  // A worker does not take over the loader for TypeScript.
  const start = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(import.meta.url)})))`
  const worker = new Worker(start, { eval: true })
  const answer = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
  const reader = await KafkaChannelReader.open(channel)
  await reader.close()
  console.log(`${answer}; in the main thread it opens`)
} else {
  const bytes = RecordType.of(itemSchema).encode({ n: 1, text: 'schemas work' }).length
  const error = await KafkaChannelReader.open(channel).then(
    () => undefined,
    (reason: Error & { code: string }) => reason
  )
  parentPort?.postMessage(`${bytes} bytes; ${error?.code}: ${error?.message}`)
}
