/** Three brokers, to which readers and writers come by ways of their own, which can be cut. */
import { ApacheBroker } from 'millrace/testing'
import { freePorts } from '../../lib/broker/free-ports.js'
import { type Cut, TcpProxy } from '../support/tcp-proxy.js'

/** Each has its own listener on each broker, which is advertised with the port of a proxy. */
export const ways = ['principal', 'member', 'writer'] as const
export type Way = (typeof ways)[number]

interface Proxied {
  readonly way: Way
  readonly broker: number
  readonly proxy: TcpProxy
}

export const BROKERS = 3

export class Cluster {
  private constructor(
    readonly brokers: ApacheBroker,
    private readonly proxies: readonly Proxied[]
  ) {}

  static async start(): Promise<Cluster> {
    const proxies = new Map<string, Proxied>()
    const brokers = await ApacheBroker.start({
      brokers: BROKERS,
      properties: async ({ id: broker, port, controllerPort }) => {
        const ports = await freePorts(ways.length)
        const listeners = [`CLIENT://127.0.0.1:${port}`, `CONTROLLER://127.0.0.1:${controllerPort}`]
        const advertised = [`CLIENT://127.0.0.1:${port}`]
        for (const [i, way] of ways.entries()) {
          const name = way.toUpperCase()
          const proxy = await TcpProxy.open(ports[i] as number)
          await proxies.get(name + broker)?.proxy.close()
          proxies.set(name + broker, { way, broker, proxy })
          listeners.push(`${name}://127.0.0.1:${ports[i]}`)
          advertised.push(`${name}://127.0.0.1:${proxy.port}`)
        }
        const protocols = ['CLIENT', 'CONTROLLER', ...ways].map(name => `${name.toUpperCase()}:PLAINTEXT`)
        return {
          listeners: listeners.join(),
          'advertised.listeners': advertised.join(),
          'listener.security.protocol.map': protocols.join(),
          // For the room of the next run.
          'log.segment.delete.delay.ms': '1000'
        }
      }
    })
    return new Cluster(brokers, [...proxies.values()])
  }

  /** Bootstrap servers of those who come that way. */
  location(way: Way): string {
    const proxies = this.proxies.filter(one => one.way === way)
    return proxies.map(({ proxy }) => `127.0.0.1:${proxy.port}`).join()
  }

  /** Cuts everybody's ways to a broker, or those of some to all brokers. */
  cut(to: { broker: number } | { ways: readonly Way[] }, how: Cut): void {
    for (const { proxy, broker, way } of this.proxies) {
      if ('broker' in to ? to.broker === broker : to.ways.includes(way)) proxy.cut(how)
    }
  }

  heal(): void {
    for (const { proxy } of this.proxies) proxy.heal()
  }

  async close(): Promise<void> {
    await this.brokers.close()
    await Promise.all(this.proxies.map(({ proxy }) => proxy.close()))
  }
}
