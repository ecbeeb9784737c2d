/** Requests of Kafka's protocol for which node-rdkafka has no call: what an operator's tools ask of a cluster. */
import { connect, type Socket } from 'node:net'
import type { TestBroker } from 'millrace/testing'

const TIMEOUT_MS = 20_000
/** Of the header: the correlation id, since one request is asked on each connection. */
const CORRELATION = 1

/** A body, made of the protocol's primitives (before its compact forms). */
export function int(bytes: 1 | 2 | 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value))
  else buffer.writeIntBE(value, 0, bytes)
  return buffer
}

export function text(value: string | null): Buffer {
  if (value === null) return int(2, -1)
  const bytes = Buffer.from(value)
  return Buffer.concat([int(2, bytes.length), bytes])
}

export function list(items: readonly Buffer[]): Buffer {
  return Buffer.concat([int(4, items.length), ...items])
}

/** What the flexible versions of requests have after each structure: no tagged field. */
export const noTags = int(1, 0)

/** An unsigned integer of the flexible versions; one byte is enough for all that tests send. */
function shortInt(value: number): Buffer {
  if (value > 0x7f) throw new RangeError(`${value} takes more than one byte`)
  return int(1, value)
}

export function compactBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([shortInt(bytes.length + 1), bytes])
}

export function compactText(value: string): Buffer {
  return compactBytes(Buffer.from(value))
}

export function compactList(items: readonly Buffer[]): Buffer {
  return Buffer.concat([shortInt(items.length + 1), ...items])
}

/** An answer's body, read from its beginning. */
export class Answer {
  #at = 0
  constructor(private readonly bytes: Buffer) {}

  int(bytes: 1 | 2 | 4 | 8): number {
    const at = this.#at
    this.#at += bytes
    return bytes === 8 ? Number(this.bytes.readBigInt64BE(at)) : this.bytes.readIntBE(at, bytes)
  }

  text(): string | null {
    const length = this.int(2)
    if (length < 0) return null
    this.#at += length
    return this.bytes.toString('utf8', this.#at - length, this.#at)
  }

  list<Item>(item: () => Item): Item[] {
    return Array.from({ length: Math.max(0, this.int(4)) }, item)
  }

  compactText(): string | null {
    const length = this.int(1) - 1
    if (length < 0) return null
    this.#at += length
    return this.bytes.toString('utf8', this.#at - length, this.#at)
  }

  compactList<Item>(item: () => Item): Item[] {
    return Array.from({ length: Math.max(0, this.int(1) - 1) }, item)
  }
}

/** @param broker - of one node, which leads every partition and is the controller */
export async function kafkaRequest(
  broker: TestBroker,
  apiKey: number,
  version: number,
  ...body: readonly Buffer[]
): Promise<Answer> {
  const socket = connected(broker.bootstrapServers)
  try {
    return await ask(socket, apiKey, version, Buffer.concat(body))
  } finally {
    socket.destroy()
  }
}

/** A request in a flexible version, whose body and answer are made of compact forms. */
export async function flexibleRequest(
  broker: TestBroker,
  apiKey: number,
  version: number,
  ...body: readonly Buffer[]
): Promise<Answer> {
  const answer = await kafkaRequest(broker, apiKey, version, noTags, ...body, noTags)
  answer.int(1) // the tags of its header
  return answer
}

function connected(server: string): Socket {
  const [host = '', port] = server.split(/:(?=\d+$)/)
  return connect({ host, port: Number(port) })
}

function ask(socket: Socket, apiKey: number, version: number, body: Buffer): Promise<Answer> {
  const request = Buffer.concat([int(2, apiKey), int(2, version), int(4, CORRELATION), text('millrace-test'), body])
  socket.write(Buffer.concat([int(4, request.length), request]))
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0)
    socket.setTimeout(TIMEOUT_MS, () => reject(new Error(`no answer to a request of the kind ${apiKey}`)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`no answer to a request of the kind ${apiKey}: connection closed`)))
    socket.on('data', data => {
      read = Buffer.concat([read, data])
      if (read.length >= 4 && read.length >= 4 + read.readInt32BE(0)) resolve(new Answer(read.subarray(8)))
    })
  })
}
