/** What a thousand members cost: opening, their status messages, and what a newcomer reads of them. */
import { createTestBroker } from 'millrace/testing'
import { statusLogOf } from './status-log-of.js'
import { inChild } from '../child.js'
import { brokerText, machine, type Machine } from '../machine.js'
import type { Benchmark } from '../main.js'
import { newChannel } from '../new-channel.js'
import type { MembersTask, Opened } from './worker.js'

export interface MembersResult {
  readonly machine: Machine
  readonly broker: string
  readonly members: number
  readonly inOneProcess: Opened
  /** A writer that opens beside them afterwards. */
  readonly newcomer: Opened
  /** A writer that opens where as many processes have reported for ten minutes. */
  readonly amongProcesses: Opened & { readonly messages: number }
}

export const members: Benchmark = {
  summary: 'opening of 1,000 members in one process, their status messages, and a newcomer’s replay',
  async run({ quick }): Promise<MembersResult> {
    const count = quick ? 100 : 1000
    const broker = await createTestBroker('real')
    const worker = new URL('worker.ts', import.meta.url)
    const { bootstrapServers } = broker
    try {
      const channelName = await newChannel(broker, 'members', count)
      const task: MembersTask = { bootstrapServers, channelName, members: count, countMs: quick ? 10_000 : 30_000 }
      const inOneProcess = await inChild<Opened>(worker, task)
      const newcomer = await inChild<Opened>(worker, { ...task, members: 0, countMs: 0 })
      const other = await newChannel(broker, 'members', count)
      const messages = await statusLogOf(broker, other, count, 60)
      const replayed = await inChild<Opened>(worker, { ...task, channelName: other, members: 0, countMs: 0 })
      const result = {
        machine: machine(),
        broker: brokerText(broker),
        members: count,
        inOneProcess,
        newcomer,
        amongProcesses: { ...replayed, messages }
      }
      console.log(report(result))
      return result
    } finally {
      await broker.close()
    }
  }
}

function report({ members, inOneProcess, newcomer, amongProcesses }: MembersResult): string {
  const ms = (value: number): string => `${Math.round(value)} ms`
  return [
    `${members} members in one process: opened in ${ms(inOneProcess.openMs)}, ${inOneProcess.messagesPerSecond.toFixed(0)} ` +
      `status messages/s, closed in ${ms(inOneProcess.closeMs)}, at most ${inOneProcess.peakMB} MB`,
    `a writer afterwards: opened in ${ms(newcomer.openMs)}, sees ${newcomer.peers} ends`,
    `a writer where ${members} processes have sent ${amongProcesses.messages} messages: opened in ` +
      `${ms(amongProcesses.openMs)}, sees ${amongProcesses.peers} ends`
  ].join('\n')
}
