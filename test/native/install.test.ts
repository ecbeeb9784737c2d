import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What an install meets. */
interface Meets {
  readonly platform: NodeJS.Platform
  readonly nodeRdkafka: 'built' | 'not built' | 'missing'
  /** The exit status of node-gyp; null for one that cannot be run. */
  readonly compile?: number | null
  readonly script?: 'postinstall' | 'build:addon'
}

/** What it does: its status, whether it compiles, and what it says of it. */
interface Does {
  readonly status: number
  readonly compiles: boolean
  readonly says?: string
}

const unbuilt = 'node-rdkafka is not built'
const elsewhere = 'need Linux or macOS'

const table: [Meets, Does][] = [
  [
    { platform: 'linux', nodeRdkafka: 'built', compile: 0 },
    { status: 0, compiles: true }
  ],
  [
    { platform: 'darwin', nodeRdkafka: 'built', compile: 0 },
    { status: 0, compiles: true }
  ],
  [
    { platform: 'linux', nodeRdkafka: 'built', compile: 7 },
    { status: 7, compiles: true }
  ],
  [
    { platform: 'darwin', nodeRdkafka: 'built', compile: 1 },
    { status: 1, compiles: true }
  ],
  [
    { platform: 'linux', nodeRdkafka: 'built', compile: null },
    { status: 1, compiles: false, says: 'cannot run node-gyp' }
  ],
  [
    { platform: 'linux', nodeRdkafka: 'not built' },
    { status: 0, compiles: false, says: unbuilt }
  ],
  [
    { platform: 'linux', nodeRdkafka: 'missing' },
    { status: 0, compiles: false, says: unbuilt }
  ],
  [
    { platform: 'win32', nodeRdkafka: 'built' },
    { status: 0, compiles: false, says: elsewhere }
  ],
  [
    { platform: 'win32', nodeRdkafka: 'missing' },
    { status: 0, compiles: false, says: elsewhere }
  ],
  [
    { platform: 'freebsd', nodeRdkafka: 'built' },
    { status: 0, compiles: false, says: elsewhere }
  ],
  [
    { platform: 'linux', nodeRdkafka: 'not built', script: 'build:addon' },
    { status: 1, compiles: false, says: unbuilt }
  ],
  [
    { platform: 'win32', nodeRdkafka: 'built', script: 'build:addon' },
    { status: 1, compiles: false, says: elsewhere }
  ],
  [
    { platform: 'linux', nodeRdkafka: 'built', compile: 0, script: 'build:addon' },
    { status: 0, compiles: true }
  ]
]

describe('the install script', () => {
  let folder: string
  const file = (...path: string[]): string => join(folder, ...path)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(file(path)), { recursive: true })
    writeFileSync(file(path), text)
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-install-'))
    for (const name of ['install.cjs', 'locate.cjs']) cpSync(join(root, 'src', name), file('src', name))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function install({ platform, nodeRdkafka, compile = 0, script = 'postinstall' }: Meets): Does {
    const client = 'node_modules/node-rdkafka'
    if (nodeRdkafka !== 'missing') write(join(client, 'package.json'), '{}')
    if (nodeRdkafka === 'built') write(join(client, 'build/Release/node-librdkafka.node'), '')
    write('platform.cjs', `Object.defineProperty(process, 'platform', { value: '${platform}' })`)
    write('node-gyp.js', `require('node:fs').writeFileSync('compiled', process.argv[2]); process.exit(${compile})`)
    // Without npm's one, node-gyp is looked for in the path.
    const nodeGyp = compile === null ? { PATH: folder } : { npm_config_node_gyp: file('node-gyp.js') }
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--require', file('platform.cjs'), file('src/install.cjs')],
      {
        encoding: 'utf8',
        env: { npm_lifecycle_event: script, ...nodeGyp }
      }
    )
    const compiles = existsSync(file('compiled')) && readFileSync(file('compiled'), 'utf8') === 'rebuild'
    return { status: status ?? -1, compiles, says: stderr }
  }

  for (const [meets, { status, compiles, says = '' }] of table) {
    const { platform, nodeRdkafka, compile, script = 'postinstall' } = meets
    const how = compile === undefined ? '' : `, ${compile === null ? 'no node-gyp' : `node-gyp exits with ${compile}`}`
    it(`C03, C04: ${script} on ${platform}, node-rdkafka ${nodeRdkafka}${how}: exits with ${status}`, () => {
      const done = install(meets)
      expect(done, done.says).to.include({ status, compiles })
      if (says === '') expect(done.says).to.equal('')
      else expect(done.says).to.contain(says)
    })
  }

  it('C04: is run on all platforms: the package refuses none', () => {
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).to.not.have.any.keys('os', 'cpu', 'libc')
  })
})
