/** `millrace doctor`: what is there, what is missing, and what to type. Works where nothing native is built. */
import type { Command } from '../command.js'
import { canOpenChannels, findingsOf } from './findings.js'
import { lookAround } from './look.js'
import { reportJson, reportText } from './report.js'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Says whether channels can be opened here, what is missing, and what to type.',
  options: {
    json: { type: 'boolean', text: 'the report as JSON, and nothing else, on standard output' }
  },
  async run(values) {
    const facts = await lookAround()
    const findings = findingsOf(facts)
    console.log(values.json ? reportJson(facts, findings) : reportText(facts, findings))
    return canOpenChannels(findings) ? 0 : 1
  }
}
