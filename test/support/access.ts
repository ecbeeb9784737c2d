/** Users of a cluster and what they may do, as an operator's `kafka-configs.sh` and `kafka-acls.sh` set it. */
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import type { TestBroker } from 'millrace/testing'
import { eventually } from './eventually.js'
import {
  type Answer,
  compactBytes,
  compactList,
  compactText,
  flexibleRequest,
  int,
  kafkaRequest,
  list,
  noTags,
  text
} from './kafka-request.js'

const DESCRIBE_ACLS = 29
const CREATE_ACLS = 30
const ALTER_USER_SCRAM_CREDENTIALS = 51
const SCRAM_SHA_512 = 2
const ITERATIONS = 4096
const ANY = 1
const ALLOW = 3

const resourceTypes = { topic: 2, group: 3, cluster: 4 } as const
const patterns = { literal: 3, prefixed: 4 } as const
const operations = {
  Read: 3,
  Write: 4,
  Create: 5,
  Delete: 6,
  Alter: 7,
  Describe: 8,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12
} as const

export type Operation = keyof typeof operations

/** What one user may do with one resource, or with all whose names begin so. */
export interface Right {
  readonly operations: readonly Operation[]
  readonly on: keyof typeof resourceTypes
  readonly name: string
  /** Prefixed by default. */
  readonly pattern?: keyof typeof patterns
}

/** Lets a user authenticate by SCRAM-SHA-512. */
export async function addUser(broker: TestBroker, user: string, password: string): Promise<void> {
  const salt = randomBytes(32)
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512')
  const upsertion = [compactText(user), int(1, SCRAM_SHA_512), int(4, ITERATIONS), compactBytes(salt)]
  const upsertions = compactList([Buffer.concat([...upsertion, compactBytes(salted), noTags])])
  const answer = await flexibleRequest(broker, ALTER_USER_SCRAM_CREDENTIALS, 0, compactList([]), upsertions)
  answer.int(4) // the time that it was throttled
  answer.compactList(() => {
    answer.compactText()
    const [code, message] = [answer.int(2), answer.compactText()]
    if (code !== 0) throw new Error(`Kafka's error ${code} for the user ${user}: ${message}`)
    return answer.int(1)
  })
}

/** Resolves when the broker, which must be the only one, goes by it. */
export async function allow(broker: TestBroker, user: string, rights: readonly Right[]): Promise<void> {
  const acls = rights.flatMap(({ operations: some, on, name, pattern = 'prefixed' }) =>
    some.map(operation =>
      Buffer.concat([
        int(1, resourceTypes[on]),
        text(name),
        int(1, patterns[pattern]),
        text(`User:${user}`),
        text('*'),
        int(1, operations[operation]),
        int(1, ALLOW)
      ])
    )
  )
  const answer = await kafkaRequest(broker, CREATE_ACLS, 1, list(acls))
  answer.int(4) // the time that it was throttled
  answer.list(() => check(answer, `rights of ${user}`))
  const isThere = async (): Promise<boolean> => (await countRights(broker, user)) >= acls.length
  await eventually(isThere, { timeoutMs: 20_000, waitedFor: `the broker to know the rights of ${user}` })
}

async function countRights(broker: TestBroker, user: string): Promise<number> {
  const filter = [int(1, ANY), text(null), int(1, ANY), text(`User:${user}`), text(null), int(1, ANY), int(1, ANY)]
  const answer = await kafkaRequest(broker, DESCRIBE_ACLS, 1, ...filter)
  answer.int(4) // the time that it was throttled
  check(answer, `the question about rights of ${user}`)
  const counts = answer.list(() => {
    answer.int(1)
    answer.text()
    answer.int(1)
    return answer.list(() => [answer.text(), answer.text(), answer.int(2)]).length
  })
  return counts.reduce((sum, count) => sum + count, 0)
}

function check(answer: Answer, what: string): void {
  const [code, message] = [answer.int(2), answer.text()]
  if (code !== 0) throw new Error(`Kafka's error ${code} for ${what}: ${message}`)
}
