/** The doctor's findings, for people and as JSON. */
import type { Facts } from './facts.js'
import { areas, type Finding } from './finding.js'
import { canOpenChannels } from './findings.js'
import { isBuilt } from './native-findings.js'
import type { Step } from './system-packages.js'

const WIDTH = 80

export function reportJson(facts: Facts, findings: readonly Finding[]): string {
  return JSON.stringify({ canOpenChannels: canOpenChannels(findings), ...facts, findings })
}

/** What must be typed stands at the end, in order; what is for choice behind its rows. No command is ever broken. */
export function reportText(facts: Facts, findings: readonly Finding[]): string {
  const nameWidth = Math.max(...findings.map(({ name }) => name.length))
  const sections = areas.flatMap(area => {
    const own = findings.filter(finding => finding.area === area)
    if (own.length === 0) return []
    const rows = own.map(finding => row(finding, nameWidth))
    return [[...titleOf(area, facts), ...rows, ...stepLines(own.filter(({ isNeeded }) => !isNeeded))].join('\n')]
  })
  return [`millrace ${facts.millrace.version}\n${facts.millrace.folder}`, ...sections, verdict(findings)].join('\n\n')
}

function titleOf(area: Finding['area'], facts: Facts): string[] {
  switch (area) {
    case 'here':
      return []
    case 'building':
      return [isBuilt(facts) ? 'What building needs, which is done:' : 'What building needs:']
    case 'features':
      return ['What librdkafka can do:']
    case 'native':
      return ['Packages and their native parts:']
  }
}

function row({ state, name, detail }: Finding, nameWidth: number): string {
  const head = `  ${state.padEnd(7)}  ${name.padEnd(nameWidth)}  `
  return head + wrap(detail, WIDTH - head.length).join(`\n${' '.repeat(head.length)}`)
}

/** Lines of whole words: a path that is longer than the line stays in one piece. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
  }
  return lines
}

/** Each command once, though several findings may be mended by it. */
function stepLines(findings: readonly Finding[]): string[] {
  const steps: readonly Step[] = findings.flatMap(finding => finding.steps)
  return [...new Set(steps.map(({ command, when }) => (when ? `    ${when}:\n      ${command}` : `    ${command}`)))]
}

function verdict(findings: readonly Finding[]): string {
  if (canOpenChannels(findings)) return 'Channels can be opened here.'
  const lines = stepLines(findings.filter(({ isNeeded }) => isNeeded))
  if (lines.length === 0) return 'Channels cannot be opened here.'
  return ['Channels cannot be opened here. Type, then run this again:', ...lines].join('\n')
}
