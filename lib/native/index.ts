/**
 * The typed door to the addons: finds them, loads each on first use (never at import, so that schemas, `--help` and types
 * work without it), and says what to do when it is missing. Decides nothing.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import type * as NodeRdkafka from 'node-rdkafka'
import { NativeError } from '../errors.js'
import type { Addon, AvroAddon } from './addon.js'
import { abiProblem, isOldNode } from './node-fit.js'

export type {
  Addon,
  BatchWalker,
  ConsumerMessage,
  MockCluster,
  NativeMessage,
  NativeRequests,
  PartitionQueues,
  RequestAnswer,
  SlabProducer
} from './addon.js'
export { abiProblem, isOldNode } from './node-fit.js'
export { findEmbeddedCluster, registerEmbeddedCluster, type EmbeddedTopics } from './embedded-clusters.js'

interface Loaded {
  readonly addon: Addon
  readonly rdkafka: typeof NodeRdkafka
}

/** The addon's file, which librdkafka loads as its plugin too. The same depth from `lib` and from `dist`. */
export const addonPath = fileURLToPath(new URL('../../build/Release/millrace.node', import.meta.url))

/** The one that checks Avro, which works where Kafka does not: in worker threads too. */
export const avroAddonPath = fileURLToPath(new URL('../../build/Release/millrace_avro.node', import.meta.url))

const require = createRequire(import.meta.url)
let loaded: Loaded | undefined

/**
 * The addon and node-rdkafka, loaded once.
 *
 * @throws NativeError when one of them is not built, cannot be loaded here, or the thread is a worker
 */
export function native(): Loaded {
  loaded ??= load()
  return loaded
}

let loadedAvro: AvroAddon | undefined

/** @throws NativeError when it is not built or cannot be loaded here */
export function avroAddon(): AvroAddon {
  loadedAvro ??= requireNative(avroAddonPath) as AvroAddon
  return loadedAvro
}

function load(): Loaded {
  requireFittingNode()
  if (!isMainThread) {
    throw new NativeError(
      'Kafka channels cannot be opened in a worker thread, as node-rdkafka cannot live there: use a child process'
    )
  }
  const { platform } = process
  if (platform !== 'linux' && platform !== 'darwin') {
    const elsewhere = platform === 'win32' ? ', or use WSL' : ''
    throw new NativeError(
      `Kafka channels need Linux or macOS: schemas and configuration work on ${platform}${elsewhere}`
    )
  }
  if (addonPath.includes(';')) {
    throw new NativeError(
      `librdkafka takes ';' as the separator of its plugin paths: move the installation out of ${addonPath}`
    )
  }
  // First node-rdkafka: the dynamic loader then gives our addon the librdkafka that it brought.
  const rdkafka = requireNative('node-rdkafka') as typeof NodeRdkafka
  const addon = requireNative(addonPath) as Addon
  if (addon.runningVersion < addon.builtVersion) {
    throw new NativeError(
      `millrace was built for a newer librdkafka than the running ${addon.versionText}: another copy of node-rdkafka ` +
        'was loaded first. Use one version of node-rdkafka in the process, then: npm rebuild millrace'
    )
  }
  return { addon, rdkafka }
}

/** Package managers only warn of `engines`, and what an older Node lacks would come up anywhere. */
function requireFittingNode(): void {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string }
  }
  if (!isOldNode(process.versions.node, engines.node)) return
  throw new NativeError(
    `Kafka channels need Node ${engines.node}, and this is ${process.versions.node}: run the program with a newer one, ` +
      'then: npm rebuild node-rdkafka'
  )
}

/** @param id - a file of ours, or a package */
function requireNative(id: string): unknown {
  try {
    return require(id)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const otherAbi = abiProblem(message)
    if (otherAbi) {
      throw new NativeError(
        `${id} cannot be loaded on ${process.platform}/${process.arch}, Node ${process.version}: ${otherAbi}. ` +
          'Build it for this one: npm rebuild node-rdkafka. What else is missing here, npx millrace doctor tells',
        { cause }
      )
    }
    const reason = message.split('\n')[0]
    const missing = id.endsWith('.node') && !existsSync(id) ? 'is not built' : 'cannot be loaded'
    throw new NativeError(
      `${id} ${missing} on ${process.platform}/${process.arch}, Node ${process.version}: ${reason}. ` +
        'Build it: npm rebuild node-rdkafka millrace. If npm blocked the install scripts, first: ' +
        'npm install-scripts approve node-rdkafka millrace (pnpm: pnpm approve-builds). ' +
        'What else is missing here, npx millrace doctor tells',
      { cause }
    )
  }
}
