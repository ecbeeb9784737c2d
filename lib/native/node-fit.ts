/** Whether this Node fits: to the package, and to addons that were built for another one. */

/** @param wanted - the range of `engines` in package.json: `>=20.19` */
export function isOldNode(version: string, wanted: string): boolean {
  const numbers = (text: string): number[] => text.match(/\d+/g)?.map(Number) ?? []
  const [major = 0, minor = 0] = numbers(version)
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted)
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
}

/**
 * Both ABIs where an addon was built for another Node; undefined where that is not what the loader says. Ours have none:
 * they are built on Node-API, and run under each.
 *
 * @param message - the loader's, whose first line says nothing of this
 */
export function abiProblem(message: string): string | undefined {
  const [built, running] = Array.from(message.matchAll(/NODE_MODULE_VERSION (\d+)/g), match => match[1])
  if (!built || !running) return undefined
  return `it was built for a Node with ABI ${built}, and this one has ${running}`
}
