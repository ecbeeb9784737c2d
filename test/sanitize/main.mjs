// `npm run test:sanitize`: builds the addons with the address and undefined behaviour sanitizers in a folder of their own
// and runs the scripts beside this one under them. `--short` takes a hundredth, as CI does. `--thread` looks for data races
// instead, with a librdkafka of its own: its C11 threads crash under that sanitizer, and what is not instrumented is unseen.
//
// Linux with gcc. A leak counts when one of our own functions made it: Node and node-rdkafka have some of their own.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const isShort = process.argv.includes('--short')
const scripts = [
  { name: 'payloads', count: 1_000_000 },
  { name: 'native-calls', count: 100_000 },
  { name: 'life-cycle', count: 500 }
]

const ADDRESS = '-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined'
const THREAD = '-O1 -g -fno-omit-frame-pointer -fsanitize=thread'

/** What a report of a fault looks like; leaks are looked at one by one. */
const FAULTS = /ERROR: AddressSanitizer|runtime error:|ERROR: UndefinedBehavior|WARNING: ThreadSanitizer/

const folder = mkdtempSync(join(tmpdir(), 'millrace-sanitize-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

for (const name of ['lib', 'src', 'test', 'binding.gyp', 'package.json', 'tsconfig.json']) {
  cpSync(join(root, name), join(folder, name), { recursive: true })
}
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

const isThread = process.argv.includes('--thread')
console.log(`building with ${isThread ? 'the thread sanitizer' : 'sanitizers'}`)
const environment = isThread ? threadEnvironment() : addressEnvironment()

let failed = 0
for (const { name, count } of scripts) {
  const log = join(folder, `${name}.log`)
  const args = ['--count', String(isShort ? Math.ceil(count / 100) : count), ...process.argv.slice(2)]
  const { stdout, stderr, status, signal } = run(
    process.execPath,
    ['--expose-gc', '--import=tsx', '--conditions=millrace-source', `test/sanitize/${name}.ts`, ...args],
    environment(log),
    1200,
    true
  )
  const reports = readdirSync(folder)
    .filter(file => file.startsWith(`${name}.log`))
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const leaks = reports
    .split(/\n\n+/)
    .filter(part => /(Direct|Indirect) leak/.test(part) && /millrace\w*\.node/.test(part))
  const isGood = status === 0 && !FAULTS.test(reports + stderr) && leaks.length === 0
  console.log(`${isGood ? 'clean' : 'FAULT'}  ${stdout.trim()}`)
  if (isGood) continue
  failed++
  console.log(
    `status ${status ?? signal}\n${stderr.slice(-5000)}\n${FAULTS.test(reports) ? reports.slice(0, 10_000) : ''}`
  )
  console.log(leaks.slice(0, 5).join('\n\n'))
}
console.log(`${scripts.length - failed} passed, ${failed} failed, 0 skipped`)
process.exit(failed === 0 ? 0 : 1)

function addressEnvironment() {
  run('npm', ['run', '-s', 'build:addon'], { CXXFLAGS: ADDRESS, LDFLAGS: '-fsanitize=address,undefined' }, 600)
  return log => ({
    LD_PRELOAD: ['libasan.so', 'libubsan.so'].map(gccFile).join(' '),
    ASAN_OPTIONS: `detect_leaks=1:exitcode=0:log_path=${log}`,
    UBSAN_OPTIONS: `print_stacktrace=1:log_path=${log}`
  })
}

function threadEnvironment() {
  const sources = join(folder, 'librdkafka')
  const original = join(root, 'node_modules/node-rdkafka/deps/librdkafka')
  cpSync(original, sources, { recursive: true })
  const flags = { CFLAGS: THREAD, CXXFLAGS: THREAD, LDFLAGS: '-fsanitize=thread' }
  const inSources = (command, args) => run(command, args, flags, 900, false, sources)
  inSources('./configure', ['--disable-c11threads', '--disable-zstd', '--disable-gssapi', '--disable-curl'])
  // node-rdkafka has built it here, without the sanitizer.
  inSources('make', ['clean'])
  inSources('make', ['-j2', 'libs'])
  run('npm', ['run', '-s', 'build:addon'], { CXXFLAGS: THREAD, LDFLAGS: '-fsanitize=thread' }, 600)
  return log => ({
    // In front of the librdkafka that node-rdkafka brought, for both addons.
    LD_LIBRARY_PATH: join(sources, 'src'),
    LD_PRELOAD: `${gccFile('libtsan.so')} ${join(sources, 'src/librdkafka.so.1')}`,
    TSAN_OPTIONS: `ignore_noninstrumented_modules=1:exitcode=66:log_path=${log}`
  })
}

function gccFile(file) {
  return run('gcc', [`-print-file-name=${file}`], {}, 10).stdout.trim()
}

function run(command, args, environment, seconds, mayFail = false, cwd = folder) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024
  })
  if (result.error && !mayFail) throw result.error
  if (result.status !== 0 && !mayFail) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status ?? result.signal}:\n${result.stderr.slice(-5000)}`
    )
  }
  return result
}
