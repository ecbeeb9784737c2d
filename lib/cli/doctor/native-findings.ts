/** The packages that channels stand on, and their native parts. */
import { allowScripts, installPackages, rebuildMillrace, rebuildNodeRdkafka } from './build-steps.js'
import type { Facts, NativeFile } from './facts.js'
import { type Finding, needed } from './finding.js'
import type { Step } from './system-packages.js'

/** Whether there is nothing left to build. */
export function isBuilt({ addons, nodeRdkafka }: Facts): boolean {
  return [nodeRdkafka?.addon, addons.millrace, addons.avro].every(part => part?.isThere && part.problem === null)
}

export function nativeFindings(facts: Facts): Finding[] {
  const { addons, avsc, nodeRdkafka } = facts
  return [
    packageFinding('avsc', avsc?.version, facts),
    packageFinding('node-rdkafka', nodeRdkafka && `${nodeRdkafka.version} in ${nodeRdkafka.folder}`, facts),
    ...(nodeRdkafka ? [nodeRdkafkaAddon(facts, nodeRdkafka)] : []),
    fileFinding('millrace.node', addons.millrace, stepsForOurs(facts)),
    fileFinding('millrace_avro.node', addons.avro, stepsForOurs(facts))
  ]
}

function packageFinding(name: string, detail: string | null | undefined, facts: Facts): Finding {
  return detail
    ? needed('native', name, 'ok', detail)
    : needed('native', name, 'missing', 'not installed', installPackages(facts))
}

function nodeRdkafkaAddon(facts: Facts, { addon, hasBuildFolder }: NonNullable<Facts['nodeRdkafka']>): Finding {
  if (addon.isThere) return fileFinding('its addon', addon, rebuildNodeRdkafka(facts))
  const detail = hasBuildFolder
    ? 'its build was begun and did not come to an end; build it again to see why'
    : 'its install script did not run: package managers block those, and --ignore-scripts does'
  return needed('native', 'its addon', 'missing', detail, stepsForBoth(facts))
}

/** First node-rdkafka, then ours, which is linked to it. */
function stepsForBoth(facts: Facts): Step[] {
  if (!facts.nodeRdkafka?.hasBuildFolder) return allowScripts(facts)
  return [...rebuildNodeRdkafka(facts), ...rebuildMillrace(facts)]
}

function stepsForOurs(facts: Facts): Step[] {
  const { millrace, nodeRdkafka } = facts
  if (!nodeRdkafka) return installPackages(facts)
  if (!nodeRdkafka.addon.isThere) return stepsForBoth(facts)
  // One of two packages can be allowed and the other forgotten; what is blocked is not built by a rebuild either.
  return millrace.isDependency && !millrace.hasBuildFolder ? allowScripts(facts) : rebuildMillrace(facts)
}

function fileFinding(name: string, { file, isThere, problem }: NativeFile, steps: readonly Step[]): Finding {
  if (!isThere) return needed('native', name, 'missing', `not built: no ${file}`, steps)
  return problem === null
    ? needed('native', name, 'ok', 'loads')
    : needed('native', name, 'unfit', `does not load: ${problem}`, steps)
}
