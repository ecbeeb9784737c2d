/** How a system's own packages are installed: Debian's names are what we keep, and here is what others call them. */
import type { SystemInstaller } from './facts.js'

/** A line to type. */
export interface Step {
  readonly command: string
  /** Where it is the one of several to choose. */
  readonly when?: string
}

/** On macOS what has no name here comes with the command line tools of Xcode. */
const otherNames: Readonly<Record<string, { readonly apk: string; readonly brew?: string }>> = {
  'libcurl4-openssl-dev': { apk: 'curl-dev', brew: 'curl' },
  'libsasl2-dev': { apk: 'cyrus-sasl-dev', brew: 'cyrus-sasl' },
  'libssl-dev': { apk: 'openssl-dev', brew: 'openssl@3' },
  'libzstd-dev': { apk: 'zstd-dev', brew: 'zstd' },
  'linux-libc-dev': { apk: 'linux-headers' },
  'zlib1g-dev': { apk: 'zlib-dev' }
}

/**
 * @param installer - null: the lines for all of them, to choose from
 * @param debianPackages - none: no line
 */
export function installSteps(installer: SystemInstaller | null, debianPackages: readonly string[]): Step[] {
  const names = [...new Set(debianPackages)]
  if (names.length === 0) return []
  if (installer) return [{ command: commands[installer](names) }]
  return [
    { command: commands.apt(names), when: 'Debian, Ubuntu' },
    { command: commands.apk(names), when: 'Alpine' },
    { command: commands.brew(names), when: 'macOS' }
  ]
}

const commands: Readonly<Record<SystemInstaller, (names: readonly string[]) => string>> = {
  apt: names => `apt-get install -y ${names.join(' ')}`,
  apk: names => `apk add ${names.map(name => otherNames[name]?.apk ?? name).join(' ')}`,
  brew: names => {
    const formulas = names.flatMap(name => otherNames[name]?.brew ?? [])
    const parts = formulas.length < names.length ? ['xcode-select --install'] : []
    if (formulas.length > 0) parts.push(`brew install ${formulas.join(' ')}`)
    return parts.join(' && ')
  }
}
