/**
 * Packs the package, installs the tarball into an empty project as a user would, and uses it from there: as ES module,
 * by `require()`, from TypeScript, and by its command. Needs the built node_modules of this checkout.
 *
 * The node-rdkafka that npm installs there is not compiled again, which takes minutes: its build is copied from this
 * checkout's, and the tarball's own postinstall then builds the addon against it. `--full` compiles that one too.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkDemoResult } from './demo-result.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const isFull = process.argv.includes('--full')
const work = mkdtempSync(join(tmpdir(), 'millrace-package-'))
const project = join(work, 'project')
const installed = join(project, 'node_modules', 'millrace')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Runs a program, quietly unless it fails, for at most five minutes. */
function run(cwd, program, ...args) {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000
  })
  if (error || status !== 0) {
    const reason = error?.message ?? `status ${status}`
    throw new Error(`${[program, ...args].join(' ')}: ${reason}\n${stdout}${stderr}`)
  }
  return stdout
}

function step(title, act) {
  const start = performance.now()
  const result = act()
  console.log(`  ok  ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  return result
}

function pack() {
  run(root, 'npm', 'pack', '--pack-destination', work)
  const [tarball, ...others] = readdirSync(work).filter(name => name.endsWith('.tgz'))
  assert.deepEqual(others, [])
  return join(work, tarball)
}

function install(tarball) {
  cpSync(new URL('project', import.meta.url), project, { recursive: true })
  // npm 12 runs no install script that is not allowed.
  const manifest = { private: true, type: 'module', allowScripts: { 'node-rdkafka': true, millrace: true } }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  run(project, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball)
  if (isFull) run(project, 'npm', 'rebuild', 'node-rdkafka')
  else copyBuildOfNodeRdkafka()
}

function copyBuildOfNodeRdkafka() {
  const [from, to] = [root, project].map(folder => join(folder, 'node_modules', 'node-rdkafka'))
  const [ours, theirs] = [from, to].map(
    folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  )
  assert.equal(ours, theirs, 'npm installed another node-rdkafka than this checkout has: run with --full')
  const parts = ['build/Release/node-librdkafka.node', 'build/deps/include']
  const libraries = readdirSync(join(from, 'build/deps')).filter(name => /\.(so|dylib)/.test(name))
  for (const part of [...parts, ...libraries.map(name => `build/deps/${name}`)]) {
    mkdirSync(dirname(join(to, part)), { recursive: true })
    cpSync(join(from, part), join(to, part), { recursive: true, verbatimSymlinks: true })
  }
}

function checkContents() {
  for (const name of ['LICENSE', 'README.md', 'binding.gyp', 'dist/index.d.ts', 'lib/index.ts', 'src/napi/napi.h']) {
    assert.ok(existsSync(join(installed, name)), `${name} is not in the tarball`)
  }
  for (const name of ['test', 'benchmarks', 'node_modules', 'build']) {
    assert.ok(!existsSync(join(installed, name)), `${name} is in the tarball`)
  }
  for (const name of readdirSync(join(installed, 'dist'), { recursive: true })) {
    if (!name.endsWith('.js')) continue
    const source = join(installed, 'lib', name.replace(/\.js$/, '.ts'))
    assert.ok(existsSync(source), `dist/${name} is left from an earlier build: remove dist and build again`)
  }
  const packages = run(project, 'npm', 'ls', '--all', '--parseable').trim().split('\n').slice(1)
  const names = packages.map(path => path.split('/node_modules/').at(-1)).sort()
  assert.deepEqual(names, ['avsc', 'bindings', 'file-uri-to-path', 'millrace', 'nan', 'node-rdkafka'])
}

function buildAddon() {
  const addon = join(installed, 'build', 'Release', 'millrace.node')
  assert.ok(!existsSync(addon), 'the tarball holds a built addon')
  run(project, 'npm', 'rebuild', 'millrace')
  assert.ok(existsSync(addon), 'the postinstall did not build the addon')
}

/** The public names, as lib/index.ts lists them. */
function publicNames() {
  const text = readFileSync(join(root, 'lib/index.ts'), 'utf8')
  const lists = Array.from(text.matchAll(/^export (type )?\{([^}]*)\}/gm), ([, isType, names]) =>
    names
      .split(',')
      .map(name => ({ name: name.replace(/\btype\b/, '').trim(), isType: isType ?? /\btype\b/.test(name) }))
  )
  const names = lists.flat().filter(({ name }) => name !== '')
  return {
    all: names.map(({ name }) => name).sort(),
    values: names
      .filter(({ isType }) => !isType)
      .map(({ name }) => name)
      .sort()
  }
}

/** That both module systems give the public values, the same ones. */
function checkModules() {
  const { values } = publicNames()
  for (const program of ['same-classes.mjs', 'same-classes.cjs']) {
    assert.deepEqual(JSON.parse(run(project, process.execPath, program)), values)
  }
}

function checkTypes() {
  symlinkSync(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'))
  // What the project's names.ts imports is what there is.
  const imported = readFileSync(join(project, 'names.ts'), 'utf8').match(/\w+(?=,?$)/gm)
  assert.deepEqual(imported.sort(), publicNames().all, 'test/package/project/names.ts must list the public names')
  // Under node16 a module in CommonJS cannot require() an ES module; TypeScript says so there (TS1471).
  for (const config of ['tsconfig.node16.json', 'tsconfig.nodenext.json', 'tsconfig.bundler.json']) {
    run(project, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', config)
  }
}

function checkCommand() {
  const millrace = (...args) => run(project, join(project, 'node_modules/.bin/millrace'), ...args)
  assert.equal(millrace('--version').trim(), version)
  assert.match(millrace('--help'), /\bdemo\b/)
  checkDemoResult(millrace('demo', '--json', '--records', '20000'), 20_000)
}

try {
  const tarball = step('npm pack', pack)
  step('publint', () => run(root, process.execPath, join(root, 'node_modules/publint/src/cli.js'), tarball, '--strict'))
  step(`npm install${isFull ? ', with node-rdkafka compiled' : ''}`, () => install(tarball))
  step('contents and dependencies', checkContents)
  step('C03: npm rebuild millrace: its postinstall builds the addon', buildAddon)
  step('C06: import and require give the same classes', checkModules)
  step('C06: types, under node16, nodenext and bundler', checkTypes)
  step('millrace/testing', () => run(project, process.execPath, 'testing.mjs'))
  step('the millrace command', checkCommand)
} finally {
  rmSync(work, { recursive: true, force: true })
}
