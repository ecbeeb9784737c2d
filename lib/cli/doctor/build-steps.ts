/** What to type so that the native parts are built, by how the package came here. */
import type { Facts } from './facts.js'
import type { Step } from './system-packages.js'

/** Nothing was built, mostly since the package manager blocks install scripts. The same lines as in `src/install.cjs`. */
export function allowScripts({ millrace }: Facts): Step[] {
  if (!millrace.isDependency) return [{ command: 'npm rebuild' }]
  return [
    { command: 'npm install-scripts approve node-rdkafka millrace && npm rebuild', when: 'npm 12' },
    { command: 'pnpm approve-builds', when: 'pnpm' },
    { command: 'npm rebuild node-rdkafka millrace', when: 'after --ignore-scripts' }
  ]
}

/** Builds node-rdkafka again, with what the compiler says: package managers hide it. */
export function rebuildNodeRdkafka({ nodeRdkafka }: Facts): Step[] {
  if (nodeRdkafka?.isOfPnpm) return [{ command: 'pnpm rebuild node-rdkafka' }]
  return [{ command: 'npm rebuild node-rdkafka --foreground-scripts' }]
}

/** Builds both of our addons again. */
export function rebuildMillrace({ millrace, nodeRdkafka }: Facts): Step[] {
  if (!millrace.isDependency) return [{ command: 'npm run build:addon' }]
  if (nodeRdkafka?.isOfPnpm) return [{ command: 'pnpm rebuild millrace' }]
  return [{ command: 'npm rebuild millrace --foreground-scripts' }]
}

/** A package that millrace depends on is not there at all. */
export function installPackages({ millrace }: Facts): Step[] {
  if (!millrace.isDependency) return [{ command: 'npm ci' }]
  return [
    { command: 'npm install millrace', when: 'npm' },
    { command: 'pnpm add millrace', when: 'pnpm' }
  ]
}
