/** Answers of a broker that are larger than the client takes: librdkafka drops the connection and asks again, for ever. */
import type { EventEmitter } from 'node:events'
import { BrokerError } from '../errors.js'
import { code } from './broker-error.js'

const REASON = /Invalid response size (\d+) \(0\.\.(\d+)\)/

/** librdkafka drops the connection each time, but logs the same error only so often. */
const LOGGED_EVERY_MS = 30_000
const TELL_EVERY_MS = 1000

/**
 * @param client - of node-rdkafka
 * @param tell - called when such an answer came, and again as long as they come
 */
export function watchOversized(client: EventEmitter, tell: (error: BrokerError) => void): void {
  let timer: NodeJS.Timeout | undefined
  client.on('event.log', ({ message }: { message: string }) => {
    const [, bytes, limit] = REASON.exec(message) ?? []
    if (bytes === undefined) return
    const error = new BrokerError(
      `a broker's answer has ${bytes} bytes, more than 'receive.message.max.bytes' allows (${limit}): set it in ` +
        'channelConfig to more than the largest batch of records in the topic',
      code.badMessage,
      { isRetriable: false, isFatal: false }
    )
    clearInterval(timer)
    let left = Math.ceil((1.2 * LOGGED_EVERY_MS) / TELL_EVERY_MS)
    timer = setInterval(() => {
      if (--left === 0) clearInterval(timer)
      tell(error)
    }, TELL_EVERY_MS).unref()
    tell(error)
  })
}
