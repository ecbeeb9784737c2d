/** What follows from the facts: each thing that must be there, whether it is, and what to type if not. Pure. */
import { isOldNode } from '../../native/index.js'
import type { Facts } from './facts.js'
import { featureFindings } from './feature-findings.js'
import { type Finding, needed } from './finding.js'
import { isBuilt, nativeFindings } from './native-findings.js'
import { installSteps } from './system-packages.js'

/** Where the platform is unfit, only that: nothing that could be typed would help. */
export function findingsOf(facts: Facts): Finding[] {
  const here = hereFindings(facts)
  if (!isSupported(facts.system.platform)) return here
  return [...here, ...buildingFindings(facts), ...featureFindings(facts), ...nativeFindings(facts)]
}

export function canOpenChannels(findings: readonly Finding[]): boolean {
  return findings.every(({ isNeeded, state }) => state === 'ok' || !isNeeded)
}

function hereFindings({ millrace, node, system }: Facts): Finding[] {
  const { arch, libc, platform } = system
  const found = `${platform}/${arch}${libc ? `, ${libc}` : ''}`
  const findings = [
    isOldNode(node.version, node.wanted)
      ? needed('here', 'Node', 'unfit', `${node.version}, and millrace needs ${node.wanted}`)
      : needed('here', 'Node', 'ok', `${node.version}, ABI ${node.abi}`),
    isSupported(platform)
      ? needed('here', 'platform', 'ok', found)
      : needed('here', 'platform', 'unfit', `${found}: channels need Linux or macOS; on Windows, use WSL`)
  ]
  if (millrace.folder.includes(';')) {
    const detail = "';' separates librdkafka's plugin paths: move the installation to a folder without one"
    findings.push(needed('here', 'folder', 'unfit', detail))
  }
  return findings
}

/** Once all is built, nobody needs a compiler to open a channel. */
function buildingFindings(facts: Facts): Finding[] {
  const lacking = facts.building.filter(({ problem }) => problem !== null).map(({ debianPackage }) => debianPackage)
  const steps = installSteps(facts.system.installer, lacking)
  return facts.building.map(({ name, found, problem }) => ({
    area: 'building',
    name,
    state: problem === null ? 'ok' : found === null ? 'missing' : 'unfit',
    detail: problem ?? found ?? '',
    isNeeded: !isBuilt(facts),
    steps: problem === null ? [] : steps
  }))
}

function isSupported(platform: string): boolean {
  return platform === 'linux' || platform === 'darwin'
}
