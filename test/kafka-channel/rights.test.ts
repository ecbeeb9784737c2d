/** The rights that docs/options.md lists: with them a channel runs from its opening to its end, without any of them not. */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { createTopic, topicExists } from '../../lib/kafka/index.js'
import type { Right } from '../support/access.js'
import { onSecureBroker } from '../support/brokers.js'
import type { ReaderOptions } from '../support/channel-fixture.js'
import { producerClient, putRaw, within } from '../support/raw.js'
import { rejection } from '../support/rejection.js'
import { rightsOf } from '../support/rights-table.js'
import { runOfUsers, type Users } from '../support/run-of-users.js'

interface Row {
  readonly role: keyof Users
  /** How the row of the table begins. */
  readonly who: string
  readonly options: ReaderOptions
  /** Topics that somebody else makes before; the data's with too few partitions, where the principal adds some. */
  readonly made: readonly string[]
  readonly deletes?: boolean
  /** Whether another row has all of its rights. */
  readonly isPart?: boolean
}

const status = ['.input.state', '.output.state']
const existing = { resources: 'existing' } as const
const rows: Row[] = [
  { role: 'principal', who: "principal, `'create'`", options: { resources: 'create' }, made: [], deletes: true },
  { role: 'principal', who: "principal, `'keep'`", options: { resources: 'keep' }, made: [''], isPart: true },
  { role: 'principal', who: "principal, `'existing'`", options: existing, made: ['', ...status], isPart: true },
  { role: 'member', who: 'the other readers', options: existing, made: ['', ...status] },
  { role: 'writer', who: 'a writer', options: existing, made: ['', ...status] }
]

const everything: Right[] = [
  { operations: ['Create', 'Delete', 'Alter', 'Read', 'Write'], on: 'topic', name: '*', pattern: 'literal' },
  { operations: ['Read'], on: 'group', name: '*', pattern: 'literal' }
]

onSecureBroker('Kafka channel: rights', secure => {
  async function make(channelName: string, suffix: string, partitions: number): Promise<void> {
    await createTopic(
      secure().broker,
      { topic: `${channelName}${suffix}`, partitions, topicReplicationFactor: -1 },
      within()
    )
  }

  /** @param withDeadLetter - one record is none */
  async function channelFor({ options, made }: Row, withDeadLetter: boolean): Promise<string> {
    const channelName = `rights.${randomUUID()}`
    const partitions = options.resources === 'existing' ? 2 : 1
    const suffixes = [...made, ...(withDeadLetter && options.resources === 'existing' ? ['.dead'] : [])]
    for (const suffix of suffixes) await make(channelName, suffix, suffix ? 1 : partitions)
    if (withDeadLetter) {
      if (!made.includes('')) await make(channelName, '', partitions)
      await putRaw(secure().broker, channelName, [Buffer.from('no record')])
    }
    return channelName
  }

  async function run(channelName: string, { role, options }: Row, rights: readonly Right[]) {
    const [user, other] = await Promise.all([secure().user(...rights), secure().user(...everything)])
    const users = { principal: other, member: other, writer: other, [role]: user }
    return await runOfUsers(secure(), channelName, users, options)
  }

  async function topicsOf(channelName: string): Promise<string[]> {
    const client = await producerClient(secure().broker)
    const all = ['', ...status, '.dead']
    const are = await Promise.all(all.map(suffix => topicExists(client, `${channelName}${suffix}`, within())))
    await client.close()
    return all.filter((_, i) => are[i])
  }

  for (const row of rows) {
    const { role, who, options, made, deletes = false, isPart = false } = row
    const names = (channelName: string) => ({ channelName, groupId: `group.${channelName}` })
    const withLetters: Row = { ...row, options: { ...options, onUndecodable: 'dead-letter' } }

    it(`are enough for a whole run: ${who}`, async () => {
      const channelName = await channelFor(row, false)
      const outcome = await run(channelName, row, rightsOf(who, names(channelName)))
      expect(outcome).to.deep.equal({ read: 20, deadLettered: 0 })
      expect(await topicsOf(channelName)).to.deep.equal(deletes ? [] : ['', ...status])
    })

    if (role !== 'writer') {
      it(`are enough for a whole run with dead letters: ${who}`, async () => {
        const channelName = await channelFor(withLetters, true)
        const outcome = await run(channelName, withLetters, rightsOf(who, names(channelName), true))
        expect(outcome).to.deep.equal({ read: 20, deadLettered: 1 })
        expect(await topicsOf(channelName)).to.deep.equal(deletes ? ['.dead'] : ['', ...status, '.dead'])
      })
    }

    for (const { operations, on, name } of isPart ? [] : rightsOf(who, names('…'), role !== 'writer')) {
      const [operation] = operations
      it(`are all needed: ${who}, ${operation} on the ${on} ${name}`, async () => {
        const isLetters = name.endsWith('.dead')
        // A topic that is there needs no Create, and one that is made here no Alter.
        const isGrown = operation === 'Alter'
        const one = { ...(isLetters ? withLetters : row), made: isGrown ? [''] : operation === 'Create' ? [] : made }
        const channelName = await channelFor(one, isLetters)
        const given = name.replace('…', channelName)
        const rights = rightsOf(who, names(channelName), isLetters).filter(
          right => right.name !== given || right.operations[0] !== operation
        )
        const error = await rejection(run(channelName, one, rights))
        const denied = [error, error.cause as Error | undefined].find(
          e => (e as { code?: string } | undefined)?.code === 'ERR_MILLRACE_NOT_AUTHORIZED'
        )
        expect(denied, error.stack).to.be.instanceOf(Error)
        const resource = `the ${on} ${given}`
        expect(denied?.message).to.match(
          new RegExp(`the user has no right to (${operation}|Describe) on ${resource}[,)]`)
        )
      })
    }
  }

  it('are enough as prefixed rules, as docs/options.md gives them', async () => {
    const [row] = rows as [Row]
    const name = await channelFor(row, false)
    const rights: Right[] = [
      { operations: ['Create', 'Delete', 'Alter', 'Read'], on: 'topic', name },
      { operations: ['Write'], on: 'topic', name: `${name}.input.state` },
      { operations: ['Read'], on: 'group', name: `group.${name}` }
    ]
    expect(await run(name, row, rights)).to.deep.equal({ read: 20, deadLettered: 0 })
    expect(await topicsOf(name)).to.deep.equal([])
  })

  it('of a principal with groupMode take Describe on the groups of the other members, and say so', async () => {
    const [row] = rows as [Row]
    const inGroupMode: Row = { ...row, options: { ...row.options, groupMode: true } }
    const groupsOf = (channelName: string): Right[] => {
      return [{ operations: ['Describe'], on: 'group', name: `group.1.${channelName}`, pattern: 'literal' }]
    }
    const channelName = await channelFor(row, false)
    const rights = rightsOf(row.who, { channelName, groupId: `group.${channelName}` })
    expect(await run(channelName, inGroupMode, [...rights, ...groupsOf(channelName)])).to.include({ read: 40 })
    expect(await topicsOf(channelName)).to.deep.equal([])
    const { message } = await rejection(run(channelName, inGroupMode, rights))
    expect(message).to.contain(`the user has no right to Describe on the group group.1.${channelName}`)
  })
})
