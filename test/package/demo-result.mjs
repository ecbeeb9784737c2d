/** What `millrace demo --json` must have said. As a program, checks what comes in on standard input. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * @param text - what the command printed: one JSON value and nothing else
 * @param expected - how many records it was to write
 */
export function checkDemoResult(text, expected) {
  const { records, members, perMember } = JSON.parse(text)
  const all = {
    written: expected,
    acknowledged: expected,
    read: expected,
    lost: 0,
    doubled: 0,
    outOfOrder: 0
  }
  assert.deepEqual(records, all)
  assert.equal(perMember.length, members)
  assert.equal(
    perMember.reduce((sum, member) => sum + member.records, 0),
    expected
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(0, 'utf8')
  checkDemoResult(text, Number(process.argv[2]))
  const { broker, recordsPerSecond } = JSON.parse(text)
  console.log(`${broker} broker: every record once and in order; per second:`, recordsPerSecond)
}
