/** Deletes the records of a partition below an offset, as an operator's tool would: node-rdkafka has no call for it. */
import { connect } from 'node:net'
import type { TestBroker } from 'millrace/testing'

const DELETE_RECORDS = 21
const TIMEOUT_MS = 20_000

/** @param broker - of one node, which leads every partition */
export async function deleteRecords(
  broker: TestBroker,
  topic: string,
  partition: number,
  below: number
): Promise<void> {
  const name = Buffer.from(topic)
  const body = Buffer.concat([int(2, DELETE_RECORDS), int(2, 0), int(4, 1), int(2, -1), int(4, 1), int(2, name.length)])
  const rest = Buffer.concat([int(4, 1), int(4, partition), int(8, below), int(4, TIMEOUT_MS)])
  const request = Buffer.concat([body, name, rest])
  const answer = await exchange(broker.bootstrapServers, Buffer.concat([int(4, request.length), request]))
  // The last partition's error code is all that stands at the end.
  const code = answer.readInt16BE(answer.length - 2)
  if (code !== 0) throw new Error(`Kafka's error ${code} for deleting records of ${topic} [${partition}]`)
}

function exchange(server: string, request: Buffer): Promise<Buffer> {
  const [host = '', port] = server.split(/:(?=\d+$)/)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: TIMEOUT_MS })
    let read = Buffer.alloc(0)
    socket.once('connect', () => socket.write(request))
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error('no answer to a request to delete records')))
    socket.on('data', data => {
      read = Buffer.concat([read, data])
      if (read.length < 4 || read.length < 4 + read.readInt32BE(0)) return
      socket.destroy()
      resolve(read)
    })
  })
}

/** A whole number as Kafka's protocol has it. */
function int(bytes: 2 | 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value))
  else buffer.writeIntBE(value, 0, bytes)
  return buffer
}
