// A CommonJS program gets what import() gives, and no warning; prints the names.
'use strict'
const assert = require('node:assert/strict')

process.on('warning', warning => assert.fail(warning))
const required = require('millrace')

void import('millrace').then(imported => {
  const names = Object.keys(imported).sort()
  for (const name of names) assert.equal(required[name], imported[name], name)
  console.log(JSON.stringify(names))
})
