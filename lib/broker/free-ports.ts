/** Ports of the loopback address that nobody listens on at this moment. */
import { createServer, type Server } from 'node:net'

/** @returns `count` different ports; somebody else may take one before it is used, so be ready to ask again */
export async function freePorts(count: number): Promise<number[]> {
  // All are held before any is let go, or the same one would come twice.
  const servers = await Promise.all(Array.from({ length: count }, listen))
  return await Promise.all(servers.map(release))
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

function release(server: Server): Promise<number> {
  const { port } = server.address() as { port: number }
  return new Promise(resolve => server.close(() => resolve(port)))
}
