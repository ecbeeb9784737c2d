// Mocha's `spec` reporter with a plain closing line, for scripts to read: N passed, N failed, N skipped.
'use strict'
const { reporters, Runner } = require('mocha')

const { EVENT_RUN_END } = Runner.constants

module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    // Registered after Spec's own listener, which prints the failures: this line is the last.
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`)
    })
  }
}
