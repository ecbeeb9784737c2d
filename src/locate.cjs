// What binding.gyp asks: where Node-API's headers and node-rdkafka's librdkafka are. Prints one answer.
'use strict'
const fs = require('node:fs')
const path = require('node:path')

const root = fs.realpathSync(path.resolve(__dirname, '..'))
const extension = process.platform === 'darwin' ? 'dylib' : 'so'
// By Node's own resolution: npm hoists, pnpm isolates, workspaces do either.
const nodeRdkafka = () => fs.realpathSync(path.dirname(require.resolve('node-rdkafka/package.json', { paths: [root] })))
const deps = () => path.join(nodeRdkafka(), 'build', 'deps')
// Not bundled with BUILD_LIBRDKAFKA=0: then it is the system's.
const isBundled = () => fs.existsSync(path.join(deps(), `librdkafka.${extension}`))

/** Whether node-rdkafka's own addon is there, which ours needs. Not either where the package itself is missing. */
const isNodeRdkafkaBuilt = () => {
  try {
    return fs.existsSync(path.join(nodeRdkafka(), 'build', 'Release', 'node-librdkafka.node'))
  } catch {
    return false
  }
}

const answers = {
  napi: () => {
    const packed = path.join(root, 'src', 'napi')
    if (fs.existsSync(path.join(packed, 'napi.h'))) return packed
    return path.dirname(require.resolve('node-addon-api/napi.h', { paths: [root] }))
  },
  include: () => (isBundled() ? path.join(deps(), 'include') : __dirname),
  library: () => (isBundled() ? path.join(deps(), `librdkafka.${extension}`) : '-lrdkafka'),
  rpath: () => path.relative(path.join(root, 'build', 'Release'), deps())
}

module.exports = { root, isNodeRdkafkaBuilt }
if (require.main === module) process.stdout.write(answers[process.argv[2]]())
