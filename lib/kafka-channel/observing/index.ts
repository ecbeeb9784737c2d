/** Channels seen from outside, by somebody who has no end in them. */
export { ChannelObserver, type ChannelObserverOptions } from './channel-observer.js'
export type { ChannelSnapshot, EndSnapshot, GroupSnapshot, MemberSnapshot, WriterSnapshot } from './channel-snapshot.js'
export { removeChannel, type Removed } from './remove-channel.js'
