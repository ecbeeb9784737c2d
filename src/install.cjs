// Builds the addon: the package's `postinstall`, and `npm run build:addon`.
//
// In postinstall and not in install, because npm runs the install scripts of all packages in no order that could be
// relied on, and node-rdkafka builds in its own.
//
// An install that exits with 1 takes everything away again, for schemas, types and the command's help too, and for all
// that depends on them. So it does only where a compile was tried, on a platform that has channels, and failed: then
// there is something to read above, and to mend. Where there is nothing to compile with or for, a sentence says so here
// and the first open again. `npm run build:addon` was asked for the addon alone: without one it has failed.
'use strict'
const { spawnSync } = require('node:child_process')
const { root, isNodeRdkafkaBuilt } = require('./locate.cjs')

/** Says why nothing is built, and ends. */
function leaveUnbuilt(why) {
  console.error(`millrace: ${why}`)
  process.exit(process.env.npm_lifecycle_event === 'build:addon' ? 1 : 0)
}

if (process.platform !== 'linux' && process.platform !== 'darwin') {
  leaveUnbuilt(`Kafka channels need Linux or macOS, so the addon is not built on ${process.platform}.`)
}
if (!isNodeRdkafkaBuilt()) {
  leaveUnbuilt(
    'node-rdkafka is not built, so its install script did not run, and no channel can be opened. Allow it, then build both:\n' +
      '  npm install-scripts approve node-rdkafka millrace && npm rebuild       (npm 12)\n' +
      '  pnpm approve-builds                                                     (pnpm)\n' +
      '  npm rebuild node-rdkafka millrace                                       (after --ignore-scripts)'
  )
}
// npm and pnpm name the node-gyp they bring.
const nodeGyp = process.env.npm_config_node_gyp
const [command, ...args] = nodeGyp ? [process.execPath, nodeGyp, 'rebuild'] : ['node-gyp', 'rebuild']
const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
if (result.error) console.error(`millrace: cannot run node-gyp: ${result.error.message}. Use npm run build:addon.`)
process.exit(result.status ?? 1)
