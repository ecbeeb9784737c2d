/** What a channel is, without a word of Kafka: its two ends, groups, how records are distributed. */
export type { Batch, BatchesOptions, ChannelReader, ChannelWriter, ReadOptions } from './channel.js'
export { ByKey, type Distribution, type Key, RoundRobin, startPartition } from './distribution.js'
export { type GroupMember, groupMember } from './group-member.js'
export * from './status/index.js'
