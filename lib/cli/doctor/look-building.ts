/** Looks for what building needs, by running it. */
import type { Requirement } from './facts.js'
import { firstLine, runProgram } from './run-program.js'

/** Those of Homebrew's OpenSSL, which the compiler does not look into by itself and librdkafka's configure does. */
const includes = ['/opt/homebrew/opt/openssl@3/include', '/usr/local/opt/openssl@3/include']

/**
 * All of it at the same time: each is a process of its own.
 *
 * @param isMusl - Alpine comes without what every other Linux has, or gets with its compiler
 */
export async function lookForBuilding(isMusl: boolean): Promise<Requirement[]> {
  const compiler = await findCompiler()
  return await Promise.all([
    compilerRequirement(compiler),
    program('make', 'make'),
    program('python3', 'python3'),
    header(compiler, 'OpenSSL headers', 'openssl/ssl.h', 'libssl-dev'),
    header(compiler, 'zlib headers', 'zlib.h', 'zlib1g-dev'),
    // librdkafka's configure is a script for bash.
    ...(isMusl ? [program('bash', 'bash'), header(compiler, 'Linux headers', 'linux/types.h', 'linux-libc-dev')] : [])
  ])
}

type Compiler = readonly [file: string, ...args: string[]]

/** The one that node-gyp takes: what `CXX` says, which may have arguments, else the first that is there. */
async function findCompiler(): Promise<Compiler | undefined> {
  const [file, ...args] = process.env.CXX?.split(' ').filter(Boolean) ?? []
  const candidates: Compiler[] = [['c++'], ['g++'], ['clang++']]
  for (const candidate of file ? [[file, ...args] as const] : candidates) {
    if ((await runProgram(candidate[0], [...candidate.slice(1), '--version'])).isGood) return candidate
  }
  return undefined
}

async function compilerRequirement(compiler: Compiler | undefined): Promise<Requirement> {
  const common = { name: 'C++ compiler', debianPackage: 'g++' }
  if (!compiler) return { ...common, found: null, problem: 'none of c++, g++ and clang++ runs, or what CXX names' }
  const [file, ...args] = compiler
  const found = firstLine((await runProgram(file, [...args, '--version'])).stdout)
  const problem = (await compiles(compiler, '')) ? null : `${found}: does not know C++20`
  return { ...common, found, problem }
}

async function program(name: string, debianPackage: string): Promise<Requirement> {
  const { isGood, end, stdout } = await runProgram(name, ['--version'])
  return isGood
    ? { name, debianPackage, found: firstLine(stdout), problem: null }
    : { name, debianPackage, found: null, problem: end }
}

async function header(
  compiler: Compiler | undefined,
  name: string,
  file: string,
  debianPackage: string
): Promise<Requirement> {
  if (!compiler) return { name, debianPackage, found: null, problem: 'cannot be looked for without a compiler' }
  return (await compiles(compiler, `#if !__has_include(<${file}>)\n#error\n#endif\n`))
    ? { name, debianPackage, found: `<${file}>`, problem: null }
    : { name, debianPackage, found: null, problem: `the compiler does not find <${file}>` }
}

async function compiles([file, ...args]: Compiler, input: string): Promise<boolean> {
  const places = process.platform === 'darwin' ? includes.map(folder => `-I${folder}`) : []
  return (await runProgram(file, [...args, '-std=c++20', ...places, '-E', '-x', 'c++', '-'], { input })).isGood
}
