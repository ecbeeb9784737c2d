/** The rules of the protocol, each switched off: what the simulation must then find. */
import { rules, type Rules } from '../../lib/channel/status/index.js'

export interface Mutation {
  readonly name: string
  readonly rules: Rules
}

const without = (name: string, change: Partial<Rules>): Mutation => ({ name, rules: { ...rules, ...change } })

export const mutations: readonly Mutation[] = [
  without('the newer incarnation counts', { counts: () => true }),
  without('the older incarnation steps down', { isSuperseded: () => false }),
  without('patience begins anew after an outage', { wasInterrupted: health => health.confirmedAt === -Infinity }),
  without('silence is measured while the log can be read', {
    // As the original does: by the age of the message, whether or not anything could be heard.
    isLost: (peer, health, patienceMs) => peer.state !== 'Closed' && health.confirmedAt - peer.lastSeen > patienceMs
  }),
  without('dead is not finished', {
    haveAllStopped: (writers, expected) =>
      writers.length >= expected && writers.every(peer => peer.state === 'Error' || rules.haveAllStopped([peer], 1))
  }),
  without('all writers must have stopped', {
    haveAllStopped: writers => writers.some(peer => rules.haveAllStopped([peer], 1))
  }),
  without('the end is an offset', { isReadToEnd: () => true }),
  without('a run that is over counts no more', { countsForReader: () => true }),
  without('who could not start has not stopped', { takesBack: () => false }),
  without('an end does not fail with an earlier failure', { failsWith: ({ state }) => state === 'Error' }),
  without('the new owner waits for the old', { ownsPartOf: () => false }),
  without('the group has one size', { isOtherSize: () => false }),
  without('all ends close before the topics go', { maySoonBeDeleted: () => true }),
  without('all ends are committed before the topics go', { isCommitted: () => true }),
  without('who opens waits while the topics are going', { isRetiring: () => false }),
  without('no commit is not always the beginning', { beginsAtZero: () => true }),
  without('the principal looks again when it has stood still', { isFresh: () => true }),
  without('the log is read to its end first', { readsFirst: () => false }),
  without('the principal reads the log once more', { looksOnceMore: () => false })
]
