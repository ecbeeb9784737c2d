/** What the demo found, for people and as JSON. */
import { grouped, table } from '../table.js'
import type { DemoResult } from './run.js'

/** Members beyond so many are summed up in the table. */
const LONGEST_TABLE = 30

/** Whether anything is wrong, down to a single record. */
export function hasFaults({ written, acknowledged, account }: DemoResult): boolean {
  const { doubled, outOfOrder, wrong, records } = account
  return doubled + outOfOrder + wrong + account.lost(acknowledged) > 0 || acknowledged < written || written < records
}

export function reportJson(result: DemoResult): string {
  const { account, acknowledged, broker, perMember, seconds, written } = result
  const { doubled, outOfOrder, read } = account
  return JSON.stringify({
    broker: broker.kind === 'given' ? broker.bootstrapServers : broker.kind,
    members: perMember.length,
    records: {
      written,
      acknowledged,
      read,
      lost: account.lost(acknowledged),
      doubled,
      outOfOrder,
      // Only where it is a fault: such a record counts as lost as well, unless it bears a number that was never written.
      ...(account.wrong > 0 ? { wrong: account.wrong } : {})
    },
    seconds: { write: rounded(seconds.write), read: rounded(seconds.read), total: rounded(seconds.total) },
    recordsPerSecond: { write: Math.round(written / seconds.write), read: Math.round(read / seconds.read) },
    perMember: perMember.map(({ partition, records }) => ({ partition, records }))
  })
}

export function reportText(result: DemoResult): string {
  const { account, acknowledged, broker, perMember, seconds, written } = result
  const shown = perMember.slice(0, LONGEST_TABLE)
  const rows = shown.map(({ partition, records, lag }, member) => [
    member,
    partition,
    records,
    Math.round(records / seconds.read),
    lag ?? 'unknown'
  ])
  const more = perMember.length - shown.length
  return [
    `${broker.kind} broker at ${broker.bootstrapServers}, a group of ${perMember.length}`,
    '',
    table([['member', 'partition', 'records', 'records/s', 'lag'], ...rows]),
    ...(more > 0 ? [`… and ${grouped(more)} more members`] : []),
    '',
    `${grouped(written)} records written, ${grouped(acknowledged)} acknowledged in ${seconds.write.toFixed(2)} s ` +
      `(${grouped(written / seconds.write)}/s),`,
    `${grouped(account.read)} read in ${seconds.read.toFixed(2)} s (${grouped(account.read / seconds.read)}/s): ` +
      `${account.outOfOrder} out of order, ${account.lost(acknowledged)} lost, ${account.doubled} doubled` +
      (account.wrong > 0 ? `, ${account.wrong} with wrong content` : ''),
    hasFaults(result) ? 'FAILED' : 'Every record arrived once, whole and in order.'
  ].join('\n')
}

function rounded(seconds: number): number {
  return Math.round(1000 * seconds) / 1000
}
