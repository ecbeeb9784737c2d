/** A way to a server that a test can cut: nothing gets through, and nobody is told, or every connection is reset. */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** `silent`: connections stay, and nothing comes of them any more; `reset`: they end, and so does each new one. */
export type Cut = 'silent' | 'reset'

export class TcpProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #cut: Cut | undefined

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number
  ) {
    server.on('connection', client => this.#connect(client))
  }

  /** @param targetPort - of a server of this machine, which need not listen yet */
  static async open(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return new TcpProxy(server, targetPort)
  }

  get port(): number {
    return (this.server.address() as { port: number }).port
  }

  cut(how: Cut): void {
    this.#cut = how
    for (const pair of this.#pairs) {
      if (how === 'reset') end(pair)
      else for (const socket of pair) socket.pause()
    }
  }

  /** What was silent stays so: those connections are as lost as those of a network that comes back with other routes. */
  heal(): void {
    this.#cut = undefined
    for (const pair of this.#pairs) if (pair[0].isPaused()) end(pair)
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair)
    await new Promise<void>(resolve => this.server.close(() => resolve()))
  }

  #connect(client: Socket): void {
    const server = connect({ port: this.targetPort, host: '127.0.0.1' })
    const pair = [client, server] as const
    this.#pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      // Of either end: the other one hears of it by its own end.
      socket.on('error', () => end(pair))
      socket.on('close', () => {
        end(pair)
        this.#pairs.delete(pair)
      })
    }
    if (this.#cut === 'reset') end(pair)
    if (this.#cut) return
    client.pipe(server)
    server.pipe(client)
  }
}

function end(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.destroy()
}
