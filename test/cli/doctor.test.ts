import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Facts, NativeFile } from '../../lib/cli/doctor/facts.js'
import type { Finding } from '../../lib/cli/doctor/finding.js'
import { canOpenChannels, findingsOf } from '../../lib/cli/doctor/findings.js'
import { reportJson, reportText } from '../../lib/cli/doctor/report.js'
import { runProgram } from '../../lib/cli/doctor/run-program.js'
import { installSteps } from '../../lib/cli/doctor/system-packages.js'
import { shortProblem, tryLoad } from '../../lib/cli/doctor/try-load.js'
import { runScript } from '../support/run-script.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = (file: string): NativeFile => ({ file, isThere: true, problem: null })
const absent = (file: string): NativeFile => ({ file, isThere: false, problem: null })
const tool = (name: string, debianPackage: string, problem: string | null = null): Facts['building'][number] => ({
  name,
  debianPackage,
  found: problem === null ? `${name} 1.0` : null,
  problem
})

/** Of an installation that lacks nothing. */
const good = {
  millrace: { version: '1.2.3', folder: '/app/node_modules/millrace', isDependency: true, hasBuildFolder: true },
  node: { version: '20.20.2', abi: '115', wanted: '>=20.19' },
  system: { platform: 'linux', arch: 'x64', libc: 'glibc 2.36', installer: 'apt' },
  avsc: { version: '5.7.9' },
  nodeRdkafka: {
    version: '3.6.1',
    folder: '/app/node_modules/node-rdkafka',
    isOfPnpm: false,
    hasBuildFolder: true,
    addon: built('/app/node-librdkafka.node')
  },
  librdkafka: {
    version: '2.12.0',
    features: 'gzip,snappy,lz4,zstd,ssl,sasl_plain,sasl_scram,sasl_oauthbearer,sasl_gssapi,oidc'.split(',')
  },
  addons: { millrace: built('/app/millrace.node'), avro: built('/app/millrace_avro.node') },
  building: [
    tool('C++ compiler', 'g++'),
    tool('make', 'make'),
    tool('OpenSSL headers', 'libssl-dev'),
    tool('zlib headers', 'zlib1g-dev')
  ]
} satisfies Facts

/** Of one whose install scripts did not run. */
const blocked: Facts = {
  ...good,
  millrace: { ...good.millrace, hasBuildFolder: false },
  nodeRdkafka: { ...good.nodeRdkafka, hasBuildFolder: false, addon: absent('/app/node-librdkafka.node') },
  librdkafka: null,
  addons: { millrace: absent('/app/millrace.node'), avro: absent('/app/millrace_avro.node') }
}

const bad = (facts: Facts): Finding[] => findingsOf(facts).filter(({ state }) => state !== 'ok')
const canOpen = (facts: Facts): boolean => canOpenChannels(findingsOf(facts))
/** What is to be typed so that channels can be opened, each line once. */
function typed(facts: Facts): string[] {
  const steps = bad(facts).flatMap(finding => (finding.isNeeded ? finding.steps : []))
  return [...new Set(steps.map(({ command }) => command))]
}

describe('findingsOf', () => {
  it('finds nothing to do where all is there', () => {
    expect(bad(good)).to.deep.equal([])
    expect(canOpen(good)).to.equal(true)
  })

  it('says how to allow install scripts where none ran, in the words of the install script', () => {
    expect(canOpen(blocked)).to.equal(false)
    expect(typed(blocked)).to.have.length(3)
    const script = readFileSync(join(root, 'src/install.cjs'), 'utf8')
    for (const command of typed(blocked)) expect(script).to.contain(command)
  })

  it('allows scripts where those of node-rdkafka ran and ours did not', () => {
    const facts = { ...good, millrace: blocked.millrace, addons: blocked.addons }
    expect(typed(facts)).to.include('pnpm approve-builds')
  })

  it('tells a build that failed from one that never began, and builds again with its output shown', () => {
    const facts = { ...blocked, nodeRdkafka: { ...good.nodeRdkafka, addon: absent('/app/x.node') } }
    expect(bad(facts).find(({ name }) => name === 'its addon')?.detail).to.contain('begun')
    expect(typed(facts)).to.deep.equal([
      'npm rebuild node-rdkafka --foreground-scripts',
      'npm rebuild millrace --foreground-scripts'
    ])
  })

  it('builds only ours where only ours is missing, in a clone by its own script', () => {
    const facts = { ...good, addons: blocked.addons }
    expect(typed(facts)).to.deep.equal(['npm rebuild millrace --foreground-scripts'])
    expect(typed({ ...facts, millrace: { ...good.millrace, isDependency: false } })).to.deep.equal([
      'npm run build:addon'
    ])
    const nodeRdkafka = { ...good.nodeRdkafka, isOfPnpm: true }
    expect(typed({ ...facts, nodeRdkafka })).to.deep.equal(['pnpm rebuild millrace'])
  })

  it('repeats what the loader says of an addon that does not load', () => {
    const addon = { ...built('/app/x.node'), problem: 'libssl.so.3: cannot open shared object file' }
    const facts = { ...good, nodeRdkafka: { ...good.nodeRdkafka, addon }, librdkafka: null }
    expect(bad(facts).find(({ name }) => name === 'its addon')).to.deep.include({
      state: 'unfit',
      detail: 'does not load: libssl.so.3: cannot open shared object file'
    })
    expect(typed(facts)).to.deep.equal(['npm rebuild node-rdkafka --foreground-scripts'])
  })

  it('installs a package that is not there', () => {
    const facts = { ...blocked, nodeRdkafka: null }
    expect(typed(facts)).to.deep.equal(['npm install millrace', 'pnpm add millrace'])
  })

  it('asks for a compiler where something is to be built, and before it', () => {
    const building = [tool('C++ compiler', 'g++', 'is not there'), tool('make', 'make', 'is not there')]
    expect(typed({ ...blocked, building })[0]).to.equal('apt-get install -y g++ make')
    expect(canOpen({ ...good, building })).to.equal(true)
  })

  it('names each feature that librdkafka lacks with what to install, and lets channels be opened', () => {
    const features = good.librdkafka.features.filter(feature => !['zstd', 'sasl_gssapi'].includes(feature))
    const facts = { ...good, librdkafka: { ...good.librdkafka, features } }
    expect(bad(facts).map(({ name }) => name)).to.deep.equal(['zstd', 'sasl_gssapi'])
    expect(bad(facts)[0]?.steps.map(({ command }) => command)).to.deep.equal([
      'apt-get install -y libzstd-dev libsasl2-dev',
      'npm rebuild node-rdkafka --foreground-scripts'
    ])
    expect(canOpen(facts)).to.equal(true)
  })

  it('says before librdkafka is built what else it could be built with', () => {
    const steps = bad(blocked).find(({ area }) => area === 'features')?.steps
    expect(steps?.[0]?.command).to.contain('libzstd-dev').and.not.contain('zlib1g-dev')
  })

  it('says only so where the platform is unfit, as nothing that could be typed would help', () => {
    const facts: Facts = { ...blocked, system: { platform: 'win32', arch: 'x64', libc: null, installer: null } }
    expect(bad(facts).map(({ name, state }) => [name, state])).to.deep.equal([['platform', 'unfit']])
    expect(reportText(facts, findingsOf(facts))).to.match(/Channels cannot be opened here\.$/)
  })

  it('refuses a Node that is too old, and a folder that librdkafka would take for two', () => {
    for (const version of ['18.20.1', '20.18.3']) {
      const facts = { ...good, node: { ...good.node, version } }
      expect(bad(facts)[0]?.detail).to.equal(`${version}, and millrace needs >=20.19`)
    }
    expect(canOpen({ ...good, node: { ...good.node, version: '24.0.0' } })).to.equal(true)
    expect(canOpen({ ...good, millrace: { ...good.millrace, folder: '/a;b/millrace' } })).to.equal(false)
  })
})

describe('installSteps', () => {
  const names = ['g++', 'libssl-dev', 'linux-libc-dev']

  it('speaks the language of the system', () => {
    expect(installSteps('apk', names)[0]?.command).to.equal('apk add g++ openssl-dev linux-headers')
    expect(installSteps('brew', names)[0]?.command).to.equal('xcode-select --install && brew install openssl@3')
    expect(installSteps('brew', ['libssl-dev'])[0]?.command).to.equal('brew install openssl@3')
  })

  it('gives a line for each system where it does not know this one, and none for nothing', () => {
    expect(installSteps(null, names).map(({ when }) => when)).to.deep.equal(['Debian, Ubuntu', 'Alpine', 'macOS'])
    expect(installSteps('apt', [])).to.deep.equal([])
  })
})

describe('the report', () => {
  it('fits 80 columns, and says each command once and in one piece', () => {
    const building = [tool('C++ compiler', 'g++', 'none of c++, g++ and clang++ runs'), ...good.building.slice(1)]
    const facts = { ...blocked, building }
    const text = reportText(facts, findingsOf(facts))
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(80)
    expect(text.match(/npm install-scripts approve node-rdkafka millrace && npm rebuild$/gm)).to.have.length(1)
  })

  it('puts what is needed at the end, and what is for choice beside its row', () => {
    const features = good.librdkafka.features.slice(0, -1)
    const facts = { ...good, librdkafka: { ...good.librdkafka, features }, addons: blocked.addons }
    const [choice, need] = reportText(facts, findingsOf(facts)).split('Channels cannot be opened here')
    expect(choice).to.contain('apt-get install')
    expect(need).to.contain('npm rebuild millrace').and.not.contain('apt-get')
  })

  it('holds the facts and the findings as JSON', () => {
    const json = JSON.parse(reportJson(blocked, findingsOf(blocked)))
    expect(json).to.deep.include({ canOpenChannels: false, ...blocked })
    expect(json.findings).to.deep.equal(findingsOf(blocked))
  })
})

describe('runProgram', () => {
  const node = (script: string, timeoutMs?: number): ReturnType<typeof runProgram> =>
    runProgram(process.execPath, ['-e', script], timeoutMs === undefined ? {} : { timeoutMs })

  it('answers for a program that is missing, fails, crashes or hangs', async () => {
    expect(await runProgram('millrace-no-such-program', [])).to.include({ isGood: false, end: 'is not there' })
    expect(await node('process.exit(3)')).to.include({ isGood: false, end: 'ended with 3' })
    expect(await node('process.kill(process.pid, "SIGKILL")')).to.include({ end: 'was killed by SIGKILL' })
    expect(await node('setInterval(() => {}, 1000)', 300)).to.include({ end: 'did not end within 300 ms' })
  })
})

describe('tryLoad', () => {
  it('gives the first line of what the loader says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-doctor-'))
    try {
      const file = join(folder, 'garbage.node')
      writeFileSync(file, '0123456789')
      expect((await tryLoad(file)).problem)
        .to.contain(file)
        .and.not.contain('\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('names both ABIs of an addon that another Node built, of which the first line says nothing', () => {
    const message =
      "The module '/app/x.node'\nwas compiled against a different Node.js version using\n" +
      'NODE_MODULE_VERSION 115. This version of Node.js requires\nNODE_MODULE_VERSION 137. Please try re-compiling'
    expect(shortProblem(message)).to.equal('it was built for a Node with ABI 115, and this one has 137')
  })
})

describe('millrace doctor', () => {
  const doctor = (script: string): ReturnType<typeof runScript> => runScript(script, ['doctor', '--json'], 60_000)

  it('says that channels can be opened, with status 0, and nothing of the environment', async () => {
    process.env.MILLRACE_TEST_SECRET = 'hush-hush'
    const { status, stdout, stderr } = await doctor('lib/cli/main.ts')
    delete process.env.MILLRACE_TEST_SECRET
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(stdout).not.to.contain('hush-hush')
    const json = JSON.parse(stdout)
    expect(json.canOpenChannels).to.equal(true)
    expect(json.millrace.folder).to.equal(realpathSync(root))
    expect(json.librdkafka.features).to.include('gzip')
  })

  it('works where nothing native is built, and ends with status 1', async () => {
    const app = mkdtempSync(join(tmpdir(), 'millrace-doctor-'))
    try {
      const modules = join(app, 'node_modules')
      const copy = join(modules, 'millrace')
      mkdirSync(join(modules, 'node-rdkafka'), { recursive: true })
      writeFileSync(join(modules, 'node-rdkafka/package.json'), '{"name":"node-rdkafka","version":"v3.6.1"}')
      symlinkSync(join(root, 'node_modules/avsc'), join(modules, 'avsc'))
      cpSync(join(root, 'lib'), join(copy, 'lib'), { recursive: true })
      cpSync(join(root, 'package.json'), join(copy, 'package.json'))
      const { status, stdout, stderr } = await doctor(relative(root, join(copy, 'lib/cli/main.ts')))
      expect([status, stderr]).to.deep.equal([1, ''])
      const json = JSON.parse(stdout)
      expect(json).to.deep.include({ canOpenChannels: false, librdkafka: null })
      expect(json.nodeRdkafka).to.include({ version: '3.6.1', hasBuildFolder: false })
      const commands = (json.findings as Finding[]).flatMap(({ steps }) => steps.map(({ command }) => command))
      expect(commands).to.include('npm install-scripts approve node-rdkafka millrace && npm rebuild')
    } finally {
      rmSync(app, { recursive: true })
    }
  })
})
