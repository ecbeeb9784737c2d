/** Creates and deletes topics, and adds partitions to them. */
import type { Deadline } from '../deadline.js'
import { findEmbeddedCluster } from '../native/index.js'
import type { ClientOptions } from './client-config.js'
import { type ClusterAdmin, EmbeddedAdmin, KafkaAdmin, type TopicPlan } from './cluster-admin.js'
import { type TopicObserver, waitUntilGone } from './topics.js'

/**
 * Creates a topic. Resolves when the cluster has accepted it, which is before every broker knows it.
 *
 * @returns false when it was there already, with whatever partitions and settings
 * @throws BrokerError when the cluster refuses it, be it for a setting in its `config`
 */
export async function createTopic(options: ClientOptions, plan: TopicPlan, deadline: Deadline): Promise<boolean> {
  return await withAdmin(options, admin => admin.create(plan, deadline))
}

/**
 * Creates topics, one after the other. When one fails, those before it are there, and the same call can be made again.
 * @returns of each, in their order, what `createTopic` does
 */
export async function createTopics(
  options: ClientOptions,
  plans: readonly TopicPlan[],
  deadline: Deadline
): Promise<boolean[]> {
  return await withAdmin(options, admin => inTurn(plans, plan => admin.create(plan, deadline)))
}

/**
 * Adds partitions to a topic until it has `total`. Resolves when the cluster has accepted it, which is before every
 * broker knows them.
 *
 * @returns false when it had as many already, or more: partitions are never removed
 * @throws ConfigurationError for the embedded broker, which cannot do it
 */
export async function addPartitions(
  options: ClientOptions,
  topic: string,
  total: number,
  deadline: Deadline
): Promise<boolean> {
  if (!Number.isSafeInteger(total) || total < 1) throw new RangeError('total must be a whole number from 1')
  return await withAdmin(options, admin => admin.addPartitions(topic, total, deadline))
}

/** Deletes a topic with all its records. Brokers may show it for a while. @returns false when there was none */
export async function deleteTopic(options: ClientOptions, topic: string, deadline: Deadline): Promise<boolean> {
  return await withAdmin(options, admin => admin.delete(topic, deadline))
}

/**
 * Deletes topics with all their records, one after the other. Resolves when no broker shows any of them, so that topics
 * of the same names can be created at once.
 *
 * @returns of each, in their order, what `deleteTopic` does
 */
export async function deleteTopics(
  options: ClientOptions,
  observer: TopicObserver,
  topics: readonly string[],
  deadline: Deadline
): Promise<boolean[]> {
  const wereThere = await withAdmin(options, admin => inTurn(topics, topic => admin.delete(topic, deadline)))
  await Promise.all(topics.map(topic => waitUntilGone(observer, topic, deadline)))
  return wereThere
}

async function withAdmin<Result>(
  options: ClientOptions,
  act: (admin: ClusterAdmin) => Promise<Result>
): Promise<Result> {
  const embedded = findEmbeddedCluster(options.bootstrapServers)
  const admin = embedded ? new EmbeddedAdmin(embedded) : new KafkaAdmin(options)
  try {
    return await act(admin)
  } finally {
    admin.close()
  }
}

/** Not at the same time: each call of node-rdkafka's admin client takes a thread of Node's pool. */
async function inTurn<Item>(items: readonly Item[], act: (item: Item) => Promise<boolean>): Promise<boolean[]> {
  const results: boolean[] = []
  for (const item of items) results.push(await act(item))
  return results
}
