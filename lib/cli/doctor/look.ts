/** Gathers the facts: nothing here changes anything, and whatever is missing is a fact too. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addonPath, avroAddonPath } from '../../native/index.js'
import type { Facts, NativeFile, SystemInstaller } from './facts.js'
import { lookForBuilding } from './look-building.js'
import { type LoadAnswer, tryLoad } from './try-load.js'

export async function lookAround(): Promise<Facts> {
  const folder = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)))
  const { engines, version } = packageJson(folder)
  const avsc = findPackage('avsc')
  const { nodeRdkafka, librdkafka } = await lookAtNodeRdkafka(findPackage('node-rdkafka'))
  // In the order of the real thing, where the loader gives our addon the librdkafka that node-rdkafka brought.
  const first = librdkafka && nodeRdkafka ? [nodeRdkafka.folder] : []
  const [millrace, avro, building] = await Promise.all([
    lookAt(addonPath, () => tryLoad(...first, addonPath)),
    lookAt(avroAddonPath, () => tryLoad(avroAddonPath)),
    lookForBuilding(libc() === 'musl')
  ])
  return {
    millrace: {
      version,
      folder,
      isDependency: folder.includes(`${sep}node_modules${sep}`),
      hasBuildFolder: existsSync(join(folder, 'build'))
    },
    node: { version: process.versions.node, abi: process.versions.modules, wanted: engines?.node ?? '' },
    system: { platform: process.platform, arch: process.arch, libc: libc(), installer: installer() },
    avsc: avsc ? { version: packageJson(avsc).version } : null,
    nodeRdkafka,
    librdkafka,
    addons: { millrace, avro },
    building
  }
}

async function lookAtNodeRdkafka(folder: string | undefined): Promise<Pick<Facts, 'nodeRdkafka' | 'librdkafka'>> {
  if (folder === undefined) return { nodeRdkafka: null, librdkafka: null }
  let loaded: LoadAnswer | undefined
  const file = join(folder, 'build', 'Release', 'node-librdkafka.node')
  const addon = await lookAt(file, async () => (loaded = await tryLoad(folder)))
  const { librdkafkaVersion, features } = loaded ?? {}
  return {
    nodeRdkafka: {
      version: packageJson(folder).version.replace(/^v/, ''),
      folder,
      isOfPnpm: folder.includes(`${sep}.pnpm${sep}`),
      hasBuildFolder: existsSync(join(folder, 'build')),
      addon
    },
    librdkafka: librdkafkaVersion && features ? { version: librdkafkaVersion, features } : null
  }
}

async function lookAt(file: string, load: () => Promise<LoadAnswer>): Promise<NativeFile> {
  const isThere = existsSync(file)
  return { file, isThere, problem: isThere ? (await load()).problem : null }
}

const { resolve } = createRequire(import.meta.url)

/** A package's folder. Found and not imported: what it holds is the business of other layers. */
function findPackage(name: string): string | undefined {
  try {
    return realpathSync(dirname(resolve(`${name}/package.json`)))
  } catch {
    return undefined
  }
}

function packageJson(folder: string): { version: string; engines?: { node?: string } } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ReturnType<typeof packageJson>
}

/** Of Node's report only this line is taken: the rest has the environment in it. */
function libc(): string | null {
  if (process.platform !== 'linux') return null
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'musl'
}

function installer(): SystemInstaller | null {
  if (process.platform === 'darwin') return 'brew'
  const folders = process.env.PATH?.split(delimiter) ?? []
  const has = (name: string): boolean => folders.some(folder => existsSync(join(folder, name)))
  if (has('apt-get')) return 'apt'
  return has('apk') ? 'apk' : null
}
