// Builds the addon: the package's `postinstall`, and `npm run build:addon`.
//
// In postinstall and not in install, because npm runs the install scripts of all packages in no order that could be
// relied on, and node-rdkafka builds in its own.
'use strict'
const { spawnSync } = require('node:child_process')
const { root, isNodeRdkafkaBuilt } = require('./locate.cjs')

if (process.platform === 'win32') {
  // Schemas, types and the command's help work there; opening a channel says by name what does not.
  console.error('millrace: Kafka channels need Linux or macOS, so the addon is not built here.')
  process.exit(0)
}
if (!isNodeRdkafkaBuilt()) {
  console.error(
    'millrace: node-rdkafka is not built, so its install script did not run. Allow it, then build both:\n' +
      '  npm install-scripts approve node-rdkafka millrace && npm rebuild       (npm 12)\n' +
      '  pnpm approve-builds                                                     (pnpm)\n' +
      '  npm rebuild node-rdkafka millrace                                       (after --ignore-scripts)'
  )
  process.exit(1)
}
// npm and pnpm name the node-gyp they bring.
const nodeGyp = process.env.npm_config_node_gyp
const [command, ...args] = nodeGyp ? [process.execPath, nodeGyp, 'rebuild'] : ['node-gyp', 'rebuild']
const result = spawnSync(command, args, {
  cwd: root,
  stdio: 'inherit',
  shell: !nodeGyp && process.platform === 'win32'
})
if (result.error) console.error(`millrace: cannot run node-gyp: ${result.error.message}. Use npm run build:addon.`)
process.exit(result.status ?? 1)
