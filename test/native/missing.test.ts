import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { runScript } from '../support/run-script.js'

interface Refusal {
  readonly name: string
  readonly code: string
  readonly message: string
}

interface Answers {
  readonly encoded: string
  readonly opened: Refusal
  readonly decoded: Refusal | 'works'
}

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('a library whose native part is missing', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-missing-'))
    for (const name of ['lib', 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    mkdirSync(join(folder, 'build/Release'), { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const addon = (name: string): string => join(folder, 'build/Release', name)

  async function answers(in_ = folder, platform: string = process.platform, node?: string): Promise<Answers> {
    const { status, stdout, stderr } = await runScript('test/support/open-somewhere.mjs', [
      in_,
      platform,
      ...(node ? [node] : [])
    ])
    expect(status, stderr).to.equal(0)
    return JSON.parse(stdout) as Answers
  }

  it('C01: can be imported and encodes; an open says which file is missing, where, and what to type', async () => {
    const { encoded, opened, decoded } = await answers()
    expect(encoded).to.contain('works')
    for (const refusal of [opened, decoded as Refusal]) {
      expect(refusal).to.include({ name: 'NativeError', code: 'ERR_MILLRACE_NATIVE_MISSING' })
      expect(refusal.message).to.contain('is not built').and.contain('npm rebuild node-rdkafka millrace')
      expect(refusal.message).to.contain(`${process.platform}/${process.arch}`).and.contain(process.version)
    }
    expect(opened.message).to.contain(addon('millrace'))
    expect((decoded as Refusal).message).to.contain(addon('millrace_avro.node'))
  })

  it('C01: says of a file that cannot be loaded what the loader says', async () => {
    writeFileSync(addon('millrace.node'), Buffer.alloc(10, 0xab))
    cpSync(join(root, 'build/Release/millrace_avro.node'), addon('millrace_avro.node'))
    const { opened, decoded } = await answers()
    expect(decoded).to.equal('works')
    expect(opened.message)
      .to.contain('cannot be loaded')
      .and.match(/too short|invalid ELF|not a mach-o/i)
  })

  it('C02: says of a node-rdkafka that was built for another Node both ABIs and what to type', async () => {
    cpSync(join(root, 'build/Release/millrace_avro.node'), addon('millrace_avro.node'))
    rmSync(join(folder, 'node_modules'))
    mkdirSync(join(folder, 'node_modules/node-rdkafka'), { recursive: true })
    symlinkSync(join(root, 'node_modules/avsc'), join(folder, 'node_modules/avsc'))
    // What Node 24 says of one that was built under Node 20.
    const lines = [
      "The module '/app/node_modules/node-rdkafka/build/Release/node-librdkafka.node'",
      'was compiled against a different Node.js version using',
      'NODE_MODULE_VERSION 115. This version of Node.js requires',
      'NODE_MODULE_VERSION 137. Please try re-compiling or re-installing'
    ]
    const stub = `throw Object.assign(new Error(${JSON.stringify(lines.join('\n'))}), { code: 'ERR_DLOPEN_FAILED' })`
    writeFileSync(join(folder, 'node_modules/node-rdkafka/index.js'), stub)
    const { opened, decoded } = await answers()
    expect(decoded).to.equal('works')
    expect(opened).to.include({ name: 'NativeError', code: 'ERR_MILLRACE_NATIVE_MISSING' })
    expect(opened.message).to.contain('ABI 115').and.contain('137').and.contain(process.version)
    expect(opened.message).to.contain(': npm rebuild node-rdkafka.')
  })

  it('C02: a Node older than the package wants is refused at open with a sentence, and schemas work', async () => {
    cpSync(join(root, 'build/Release'), join(folder, 'build/Release'), {
      recursive: true,
      filter: file => !file.includes('obj.target')
    })
    const { decoded, opened } = await answers(folder, process.platform, '18.20.8')
    expect(decoded).to.equal('works')
    expect(opened).to.include({ name: 'NativeError', code: 'ERR_MILLRACE_NATIVE_MISSING' })
    expect(opened.message).to.contain('need Node >=20.19, and this is 18.20.8')
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } }
    expect((await answers(folder, process.platform, engines.node.replace('>=', ''))).opened.message).to.contain(
      '127.0.0.1:1'
    )
  })

  for (const platform of ['win32', 'freebsd']) {
    it(`C04: on ${platform}, which has no Kafka channels, an open says so, and schemas work`, async () => {
      cpSync(join(root, 'build/Release/millrace_avro.node'), addon('millrace_avro.node'))
      const { encoded, opened, decoded } = await answers(folder, platform)
      expect([encoded.endsWith('works'), decoded]).to.deep.equal([true, 'works'])
      expect(opened).to.include({ name: 'NativeError', code: 'ERR_MILLRACE_NATIVE_MISSING' })
      expect(opened.message).to.contain('need Linux or macOS').and.contain(platform)
    })
  }

  it('C05: works in a folder with blanks, other letters, # and %, and refuses one with the list separator', async () => {
    for (const [name, reason] of [
      ['a b ü#1 %20', /127\.0\.0\.1:1/],
      ['a;b', /';'/]
    ] as const) {
      const copy = join(folder, name)
      mkdirSync(join(copy, 'build'), { recursive: true })
      for (const part of ['lib', 'package.json']) cpSync(join(folder, part), join(copy, part), { recursive: true })
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
      cpSync(join(root, 'build/Release'), join(copy, 'build/Release'), {
        recursive: true,
        filter: file => !file.includes('obj.target')
      })
      expect((await answers(copy.replaceAll('%', '%25').replaceAll('#', '%23'))).opened.message, name).to.match(reason)
    }
  })
})
