/** The configuration of one node of a real Kafka, broker and controller in one (KRaft). For tests: loopback only. */
import { inspect } from 'node:util'

/** Where a node listens: for clients and other brokers, and as a controller. */
export interface NodePorts {
  readonly port: number
  readonly controllerPort: number
}

/** What differs from node to node. */
export interface NodeProperties {
  /** From 1. */
  readonly id: number
  /** Of all nodes of the cluster, by their ids. */
  readonly ports: readonly NodePorts[]
  readonly dataFolder: string
  /** Kafka's broker settings that replace, or join, those below. */
  readonly more?: Readonly<Record<string, string>> | undefined
}

/** @returns the text of a `server.properties` */
export function kafkaProperties({ id, ports, dataFolder, more = {} }: NodeProperties): string {
  const { port, controllerPort } = ports[id - 1] as NodePorts
  const voters = ports.map((node, i) => `${i + 1}@127.0.0.1:${node.controllerPort}`).join(',')
  const replicas = Math.min(3, ports.length)
  const inSync = Math.max(1, replicas - 1)
  return `process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${voters}
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=CLIENT://127.0.0.1:${port}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
log.dirs=${dataFolder}
broker.rack=rack-${id}

# What the promises of the library assume of a cluster, as far as so many nodes can give it
default.replication.factor=${replicas}
min.insync.replicas=${inSync}
unclean.leader.election.enable=false
auto.create.topics.enable=false
offsets.topic.replication.factor=${replicas}
transaction.state.log.replication.factor=${replicas}
transaction.state.log.min.isr=${inSync}
share.coordinator.state.topic.replication.factor=${replicas}
share.coordinator.state.topic.min.isr=${inSync}

# Small and quick: few internal partitions, few threads, fast failure detection
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
num.replica.fetchers=1
background.threads=2
num.recovery.threads.per.data.dir=1
log.segment.bytes=67108864
log.segment.delete.delay.ms=1000
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=4194304
replica.lag.time.max.ms=5000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000

# Of two lines with the same name the later one counts
${lines(more)}`
}

/** @throws RangeError for a name that is none, before Kafka would pass over it or take it for another */
function lines(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => {
      if (!/^[a-zA-Z0-9._-]+$/.test(name)) throw new RangeError(`no broker setting has the name ${inspect(name)}`)
      return `${name}=${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`
    })
    .join('')
}
