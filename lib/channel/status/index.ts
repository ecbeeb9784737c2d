/**
 * The status protocol of a channel: how its ends find each other, know when all is read, and conclude nothing too early.
 * Pure but for the log and the clock, which are handed in. docs/protocol.md tells it for other languages.
 */
export { ChannelEnd, type ChannelEndOptions, SupersededError } from './channel-end.js'
export { ChannelStatus, type ChannelStatusOptions } from './channel-status.js'
export { type AwaitedCounterparts, untilCounterparts } from './counterparts.js'
export { closeReader, closeWriter } from './closing.js'
export { type Ends, type EndState, REPORT_HEADER } from './end-report.js'
export { groupsOf, type ReaderGroup } from './groups.js'
export { knownCommits } from './history.js'
export { fewOf, hasStopped, type PeerRecord } from './peer.js'
export { PeerTable } from './peer-table.js'
export { lostPeer, PeerError, sizeConflict, writersEnded, type WritersEnded, writersOf } from './reader-end.js'
export type { ChannelTopics } from './retire.js'
export { type EndIdentity, type Rules, rules } from './rules.js'
export type { NewEntry, Role, StatusEntry, StatusLog } from './status-log.js'
