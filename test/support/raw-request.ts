/** Requests of Kafka's protocol that no client of ours has a call for, each on a connection of its own. */
import { connect } from 'node:net'

const TIMEOUT_MS = 20_000

/** @param server - `host:port` @param body - of a request in version 0 @returns the answer, its length in front */
export function exchange(server: string, apiKey: number, body: readonly Buffer[]): Promise<Buffer> {
  // Version 0, a number to know the answer by, and no client id.
  const request = Buffer.concat([int(2, apiKey), int(2, 0), int(4, 1), int(2, -1), ...body])
  const [host = '', port] = server.split(/:(?=\d+$)/)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: TIMEOUT_MS })
    let read = Buffer.alloc(0)
    socket.once('connect', () => socket.write(Buffer.concat([int(4, request.length), request])))
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error(`no answer to a request with the key ${apiKey}`)))
    socket.on('data', data => {
      read = Buffer.concat([read, data])
      if (read.length < 4 || read.length < 4 + read.readInt32BE(0)) return
      socket.destroy()
      resolve(read)
    })
  })
}

/** A whole number as Kafka's protocol has it. */
export function int(bytes: 2 | 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value))
  else buffer.writeIntBE(value, 0, bytes)
  return buffer
}

/** A text, its length in front. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([int(2, bytes.length), bytes])
}
