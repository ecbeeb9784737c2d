// Before packing, copies the headers of node-addon-api beside our sources, so that a user's install needs no
// package that only builds need. After packing, removes them (`clean`): a local build must not use stale ones.
'use strict'
const fs = require('node:fs')
const path = require('node:path')

const target = path.join(__dirname, 'napi')
fs.rmSync(target, { recursive: true, force: true })
if (process.argv[2] !== 'clean') {
  const source = path.dirname(require.resolve('node-addon-api/napi.h'))
  fs.mkdirSync(target)
  for (const name of ['napi.h', 'napi-inl.h', 'napi-inl.deprecated.h', 'LICENSE.md']) {
    fs.copyFileSync(path.join(source, name), path.join(target, name))
  }
}
