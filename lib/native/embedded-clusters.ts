/**
 * The mock clusters of this process by their bootstrap servers: their protocol has no request that creates or deletes
 * a topic, so whoever wants one there asks here.
 */

/** What stands in for the topic requests that the mock cluster's protocol lacks. */
export interface EmbeddedTopics {
  /** Settings of a topic mean nothing there. @returns librdkafka's error code, 0 for none; 36 when the topic is there already */
  createTopic(name: string, partitions: number, replicationFactor: number): number
  /** @returns librdkafka's error code, 0 for none; 3 when there is no such topic */
  deleteTopic(name: string): number
}

const clusters = new Map<string, EmbeddedTopics>()

/** Makes a cluster known until the returned function is called. */
export function registerEmbeddedCluster(bootstrapServers: string, topics: EmbeddedTopics): () => void {
  for (const server of bootstrapServers.split(',')) clusters.set(server, topics)
  return () => {
    for (const server of bootstrapServers.split(',')) clusters.delete(server)
  }
}

/** The embedded cluster of this process at these servers, if it is one. */
export function findEmbeddedCluster(bootstrapServers: string): EmbeddedTopics | undefined {
  return clusters.get(bootstrapServers.split(',')[0] ?? '')
}
