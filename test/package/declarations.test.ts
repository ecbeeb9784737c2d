import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')

describe('the published declarations', () => {
  let dist: string
  before(() => {
    dist = mkdtempSync(join(tmpdir(), 'millrace-declarations-'))
    const build = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--sourceMap', 'false', '--outDir', dist]
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...build], { cwd: root, encoding: 'utf8' })
    expect(status, stdout).to.equal(0)
  })
  after(() => rmSync(dist, { recursive: true, force: true }))

  /** What a class declares for its users, in the order of the source. */
  function members(file: string, name: string): string[] {
    const text = readFileSync(join(dist, file), 'utf8').replaceAll(/\/\*\*[^]*?\*\//g, '')
    const [, body = ''] = new RegExp(`^export declare class ${name}\\b.*\\{\\n([^]*?)^\\}`, 'm').exec(text) ?? []
    const found = Array.from(
      body.matchAll(/^ {4}(?!#|private )(?:(?:static|readonly|get) )*(\w+)[(<:]/gm),
      ([, member]) => String(member)
    )
    return [...new Set(found)]
  }

  it('show of RecordType what a user calls, and none of what readers and writers call in it', () => {
    expect(members('avro/record-type.d.ts', 'RecordType')).to.deep.equal([
      'long',
      'fingerprintBytes',
      'fingerprint',
      'of',
      'encode',
      'decode',
      'toString',
      'displayName'
    ])
  })

  /** The files that a user's compiler reads from an entry on. */
  function reached(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, path] of text.matchAll(/(?:from|import\()\s*'(\.[^']*)\.js'/g)) {
      const next = join(dirname(file), `${path}.d.ts`)
      expect(existsSync(next), `${file} imports ${path}`).to.equal(true)
      reached(next, seen)
    }
    return seen
  }

  it('say nowhere that something is internal: it is not there', () => {
    for (const entry of ['index.d.ts', 'broker/index.d.ts']) {
      for (const file of reached(join(dist, entry)))
        expect(readFileSync(file, 'utf8'), file).to.not.contain('@internal')
    }
  })
})
