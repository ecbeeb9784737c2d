/** The configuration of one real Kafka node, broker and controller in one (KRaft). For tests: loopback only. */

/** What differs from node to node. */
export interface KafkaNode {
  readonly port: number
  readonly controllerPort: number
  readonly dataFolder: string
}

/** @returns the text of a `server.properties` */
export function kafkaProperties({ port, controllerPort, dataFolder }: KafkaNode): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=CLIENT://127.0.0.1:${port}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
log.dirs=${dataFolder}

# What the promises of the library assume of a cluster, with one node
default.replication.factor=1
min.insync.replicas=1
unclean.leader.election.enable=false
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

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
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000
`
}
