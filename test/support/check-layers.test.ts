import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('check-layers.mjs', import.meta.url))

/** Checks a made-up tree; gives the exit status and the lines it prints. */
function check(files: Readonly<Record<string, string>>): { status: number | null; violations: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'millrace-layers-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
    const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' })
    return { status, violations: stderr.split('\n').filter(line => line !== '') }
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** What is wrong with one file, each with its line. */
function violationsOf(name: string, text: string): string[] {
  const { status, violations } = check({ [name]: text })
  expect(status).to.equal(violations.length > 0 ? 1 : 0)
  return violations
}

describe('check-layers', () => {
  it('accepts imports that go down, through doors', () => {
    const { status, violations } = check({
      'lib/index.ts': "export { a } from './kafka/index.js'\nexport { b } from './errors.js'\n",
      'lib/errors.ts': "import { inspect } from 'node:util'\n",
      'lib/deadline.ts': "import { TimeoutError } from './errors.js'\n",
      'lib/cli/demo/report.ts': "import { table } from '../table.js'\n",
      'lib/cli/main.ts':
        "import { demo } from './demo/index.js'\nimport { KafkaChannelReader } from '../kafka-channel/index.js'\n",
      'lib/kafka-channel/options.ts': "import { embeddedServers } from '../broker/index.js'\n",
      'lib/kafka/topics.ts':
        "import type { NewTopic } from 'node-rdkafka'\nimport { native } from '../native/index.js'\n",
      'lib/avro/tap.ts': "import utils from 'avsc/lib/utils.js'\nimport { RecordError } from '../errors.js'\n"
    })
    expect(violations).to.deep.equal([])
    expect(status).to.equal(0)
  })

  it('names file and line of an import that goes up, of types alone too', () => {
    const text =
      "/** Topics. */\nimport { readFile } from 'node:fs'\nimport type {\n  Batch\n} from '../channel/index.js'\n"
    const [violation, ...others] = violationsOf('lib/kafka/topics.ts', text)
    expect(violation).to.match(/^lib\/kafka\/topics\.ts:3: .*imports go down/)
    expect(others).to.deep.equal([])
  })

  it('sees exports, bare, dynamic and required imports, and types that are imported in place', () => {
    const text = [
      "export { one } from '../cli/index.js'",
      "import '../cli/index.js'",
      "const two = await import('../cli/index.js')",
      "const three = require('../cli/index.js')",
      "let four: import('../cli/index.js').Four"
    ].join('\n')
    const lines = violationsOf('lib/avro/tap.ts', text).map(violation => violation.split(':')[1])
    expect(lines).to.deep.equal(['1', '2', '3', '4', '5'])
  })

  it('takes no comment for an import', () => {
    const text = "// import '../cli/index.js'\n/*\nimport { a } from '../cli/index.js'\n*/\nconst url = 'http://x'\n"
    expect(violationsOf('lib/avro/tap.ts', text)).to.deep.equal([])
  })

  it('refuses an import past the door of a folder, nested ones included', () => {
    expect(violationsOf('lib/kafka/a.ts', "import '../native/addon.js'")[0]).to.match(/past the door/)
    expect(violationsOf('lib/index.ts', "export { a } from './cli/demo/index.js'")[0]).to.match(/past the door/)
    expect(violationsOf('lib/cli/main.ts', "import { a } from './demo/run.js'")[0]).to.match(/past the door/)
  })

  it('lets the common files import nothing but one another, downwards, and Node', () => {
    expect(violationsOf('lib/errors.ts', "import { a } from './deadline.js'")).to.have.lengthOf(1)
    expect(violationsOf('lib/deadline.ts', "import { a } from './native/index.js'")).to.have.lengthOf(1)
    expect(violationsOf('lib/errors.ts', "import avsc from 'avsc'")).to.have.lengthOf(1)
  })

  it('keeps each package in the folders that know it', () => {
    expect(violationsOf('lib/broker/a.ts', "import type { Producer } from 'node-rdkafka'")[0]).to.match(
      /only lib\/kafka and lib\/native may/
    )
    expect(violationsOf('lib/kafka/a.ts', "import avsc from 'avsc/lib/utils.js'")[0]).to.match(/only lib\/avro may/)
    expect(violationsOf('lib/kafka/a.ts', "import _ from '@scope/package/file'")[0]).to.match(/no layer may/)
  })

  it('refuses folders that are no layer, and what lies outside of lib', () => {
    expect(violationsOf('lib/utils/a.ts', '')[0]).to.match(/^lib\/utils\/a\.ts:1: lib\/utils is not among the layers/)
    expect(violationsOf('lib/cli/a.ts', "import '../../test/support/a.js'")[0]).to.match(/outside of lib/)
  })

  it('refuses a file over 400 lines, unless its first lines say why it is one', () => {
    const long = '\n'.repeat(401)
    expect(violationsOf('src/addon.cc', long)[0]).to.match(/^src\/addon\.cc:401: over 400 lines/)
    expect(violationsOf('test/avro/long.test.ts', long)).to.have.lengthOf(1)
    expect(violationsOf('src/addon.cc', `// Long because it is a table.${long}`)).to.deep.equal([])
    expect(violationsOf('src/addon.cc', '\n'.repeat(400))).to.deep.equal([])
  })
})
