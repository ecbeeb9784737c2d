/**
 * Runs the README's program: the `js` block that begins with `// quickstart.mjs`, as a file in a folder where
 * `millrace` is installed. Needs a build. The environment is the program's too, so that one which asks for
 * KAFKA_BOOTSTRAP_SERVERS runs against that broker.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TIMEOUT_MS = 60_000

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const programs = Array.from(readme.matchAll(/^```js\n(\/\/ quickstart\.mjs\b[\s\S]*?)^```$/gm), ([, text]) => text)
if (programs.length !== 1) {
  throw new Error(`README.md must have one js block that begins with // quickstart.mjs, and has ${programs.length}`)
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-readme-'))
try {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'millrace'))
  writeFileSync(join(folder, 'quickstart.mjs'), programs[0])
  const { status, error } = spawnSync(process.execPath, ['quickstart.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: TIMEOUT_MS
  })
  if (error) console.error(`the README's program did not end by itself: ${error.message}`)
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
