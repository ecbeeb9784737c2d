// An ES module gets what require() gives; prints the names.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import * as imported from 'millrace'

const required = createRequire(import.meta.url)('millrace')
for (const [name, value] of Object.entries(imported)) assert.equal(required[name], value, name)
console.log(JSON.stringify(Object.keys(imported).sort()))
