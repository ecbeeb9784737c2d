/** Records of about 1 kB with a text and bytes, and a topic that is full of them. */
import { KafkaChannelWriter } from 'millrace'
import type { TestBroker } from 'millrace/testing'
import { makeChannel } from './raw.js'

export interface Wide {
  readonly n: number
  readonly text: string
  readonly bytes: Uint8Array
}

export const wideSchema = {
  type: 'record',
  name: 'Wide',
  fields: [
    { name: 'n', type: 'long' },
    { name: 'text', type: 'string' },
    { name: 'bytes', type: 'bytes' }
  ]
} as const

/** @returns the topic's name */
export async function wideBacklog(broker: TestBroker, count: number): Promise<string> {
  const channelName = await makeChannel(broker, 1)
  const writer = await KafkaChannelWriter.open<Wide>({
    location: broker.bootstrapServers,
    channelName,
    schema: wideSchema
  })
  const text = 'x'.repeat(900)
  const bytes = new Uint8Array(100).fill(7)
  for (let first = 0; first < count; first += 5000) {
    const length = Math.min(5000, count - first)
    await writer.write(Array.from({ length }, (_, i) => ({ n: first + i, text, bytes })))
  }
  await writer.close()
  return channelName
}
