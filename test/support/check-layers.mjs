/**
 * Refuses imports that go up, or in through a window: the folders of `lib` are layers, and each one's `index.ts` is its
 * door. Run by `npm run lint`; takes another root as its argument.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** From top to bottom: an import goes down this list, never up. */
const layers = [
  'index.ts',
  'cli',
  'execution',
  'kafka-channel',
  'pipeline',
  'channel',
  'broker',
  'kafka',
  'avro',
  'native'
]
/** All may import these, which import one another only in this order, and else Node's own modules. */
const common = ['deadline.ts', 'errors.ts']
/** Which layers know a package. Others may be imported by none: they are not installed with the package. */
const packages = { avsc: ['avro'], 'node-rdkafka': ['kafka', 'native'], testcontainers: ['broker'] }

const LONGEST_FILE_LINES = 400
/** A longer file says why it is one in its first lines: `Long because …`. */
const reasonForLength = /\blong because\b/i
const FIRST_LINES = 12

/**
 * @param root - folder of a package
 * @returns the violations, as `file:line: what is wrong`
 */
function checkPackage(root) {
  const lib = join(root, 'lib')
  const names = folder => filesUnder(folder).map(file => relative(root, file).split(sep).join('/'))
  const sources = names(lib).filter(name => name.endsWith('.ts'))
  const long = ['lib', 'src', 'test', 'benchmarks', 'examples'].flatMap(folder => names(join(root, folder)))
  return [
    ...sources.flatMap(name => checkImports(name, readFileSync(join(root, name), 'utf8'))),
    ...long.flatMap(name => checkLength(name, readFileSync(join(root, name), 'utf8')))
  ]
}

const sourceExtensions = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.cc', '.h'])
const generated = new Set(['node_modules', 'napi', 'results'])

function filesUnder(folder) {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return generated.has(entry.name) ? [] : filesUnder(path)
    return sourceExtensions.has(extname(entry.name)) ? [path] : []
  })
}

function checkLength(name, text) {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (lines.length <= LONGEST_FILE_LINES || reasonForLength.test(lines.slice(0, FIRST_LINES).join('\n'))) return []
  return [`${name}:${lines.length}: over ${LONGEST_FILE_LINES} lines, and its first do not say 'Long because …'`]
}

function checkImports(name, text) {
  const layer = layerOf(name)
  if (!layers.includes(layer) && !common.includes(layer)) return [`${name}:1: lib/${layer} is not among the layers`]
  return importsOf(text).flatMap(({ specifier, line }) => {
    const problem = problemOf(name, layer, specifier)
    return problem ? [`${name}:${line}: ${problem}`] : []
  })
}

function problemOf(name, layer, specifier) {
  if (specifier.startsWith('node:')) return undefined
  if (!specifier.startsWith('.')) return packageProblem(layer, specifier)
  const target = posix.join(dirname(name), specifier).replace(/\.js$/, '.ts')
  if (!target.startsWith('lib/')) return `imports ${target}, outside of lib`
  const targetLayer = layerOf(target)
  if (common.includes(targetLayer)) {
    const isUp = common.indexOf(targetLayer) <= common.indexOf(layer)
    return isUp ? `lib/${layer} may not import ${target}` : undefined
  }
  if (common.includes(layer)) return `lib/${layer} may import only Node's modules and lib/errors.ts, not ${target}`
  if (!layers.includes(targetLayer)) return `imports ${target}, and lib/${targetLayer} is not among the layers`
  if (layers.indexOf(targetLayer) < layers.indexOf(layer)) {
    return `lib/${layer} may not import ${target}: imports go down, and lib/${targetLayer} is above`
  }
  return entersThroughDoor(name, target) ? undefined : `imports ${target} past the door of its folder, index.ts`
}

function packageProblem(layer, specifier) {
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
  const knowing = Object.hasOwn(packages, name) ? packages[name] : []
  if (knowing.includes(layer)) return undefined
  const who = knowing.length > 0 ? `only ${knowing.map(one => `lib/${one}`).join(' and ')} may` : 'no layer may'
  return `lib/${layer} imports '${specifier}': ${who}`
}

function layerOf(name) {
  return name.split('/')[1]
}

/** Whether a file is in a folder around the importing one, or is the `index.ts` of a folder there. */
function entersThroughDoor(importer, target) {
  const inside = folder => folder === '.' || importer.startsWith(`${folder}/`)
  const folder = dirname(target)
  return inside(folder) || (basename(target) === 'index.ts' && inside(dirname(folder)))
}

const comment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
const importing =
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\b(?:import|require|require\.resolve)\s*\(\s*['"`]([^'"`]+)['"`]/gm

/** What a source imports, statically, dynamically or as a type, with the line where the statement begins. */
function importsOf(text) {
  // Comments become blanks, so that lines stay where they are.
  const code = text.replace(comment, part => (part.startsWith('/') ? part.replace(/[^\n]/g, ' ') : part))
  return Array.from(code.matchAll(importing), match => ({
    specifier: match[1] ?? match[2] ?? match[3],
    line: code.slice(0, match.index).split('\n').length
  }))
}

const root = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url))
const violations = checkPackage(root)
for (const violation of violations) console.error(violation)
process.exitCode = violations.length > 0 ? 1 : 0
