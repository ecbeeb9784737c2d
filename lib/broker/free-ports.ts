/** Ports of the loopback address that nobody listens on at this moment. */
import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

/**
 * Below those that systems give to outgoing connections. Of those a client that tries again and again to reach a broker
 * that is down could get the broker's own, connect to itself, and keep the broker from coming back.
 */
const FIRST = 15_000
const LAST = 32_000

/** @returns `count` different ports; somebody else may take one before it is used, so be ready to ask again */
export async function freePorts(count: number): Promise<number[]> {
  // All are held before any is let go, or the same one would come twice.
  const servers = await Promise.all(Array.from({ length: count }, listen))
  return await Promise.all(servers.map(release))
}

async function listen(): Promise<Server> {
  for (;;) {
    const server = await tryPort(randomInt(FIRST, LAST))
    if (server) return server
  }
}

function tryPort(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      // The second: where the system keeps a range for itself.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function release(server: Server): Promise<number> {
  const { port } = server.address() as { port: number }
  return new Promise(resolve => server.close(() => resolve(port)))
}
