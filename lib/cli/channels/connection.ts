/** What `millrace channels` connects with. Secrets come from a file or the environment: who lists processes sees argv. */
import { readFileSync } from 'node:fs'
import type { ChannelObserverOptions } from '../../kafka-channel/index.js'
import { isSecret } from '../../kafka/index.js'
import { type OptionValues, UsageError } from '../command.js'

type Settings = Record<string, string | number | boolean>

/** @throws UsageError that never shows a value which may be a secret */
export function connectionOptions(
  values: OptionValues,
  environment: NodeJS.ProcessEnv
): Pick<ChannelObserverOptions, 'location' | 'channelConfig'> {
  const { location, settings } = values
  if (typeof location !== 'string' || location === '' || location === 'embedded:') {
    throw new UsageError('--location HOST:PORT says where the brokers are; several of them with commas between')
  }
  const channelConfig: Settings = {
    ...(typeof settings === 'string' ? settingsOfFile(settings) : {}),
    ...given('set', values),
    ...fromEnvironment(given('set-from-env', values), environment)
  }
  return { location, channelConfig }
}

/** Where channels are looked for. Kafka keeps topics from those who have no right to them, and does not say so. */
export function placeOf({ location, channelConfig = {} }: Pick<ChannelObserverOptions, 'location' | 'channelConfig'>) {
  const isSecured = /ssl|sasl/i.test(String(channelConfig['security.protocol'] ?? ''))
  return isSecured ? `${location}, as far as this user may see` : location
}

function given(option: 'set' | 'set-from-env', values: OptionValues): Record<string, string> {
  const pairs = values[option]
  return Object.fromEntries(
    (Array.isArray(pairs) ? (pairs as string[]) : []).map(pair => {
      const at = pair.indexOf('=')
      const key = pair.slice(0, Math.max(0, at)).trim()
      if (key === '') {
        throw new UsageError(
          `--${option} takes ${option === 'set' ? 'KEY=VALUE' : 'KEY=VARIABLE'}: there is no key, or no '='`
        )
      }
      if (option === 'set' && isSecret(key)) {
        const instead = `--settings FILE, or --set-from-env ${key}=VARIABLE`
        throw new UsageError(`--set would show '${key}' to whoever lists processes: give it by ${instead}`)
      }
      return [key, pair.slice(at + 1)]
    })
  )
}

function fromEnvironment(variables: Record<string, string>, environment: NodeJS.ProcessEnv): Settings {
  return Object.fromEntries(
    Object.entries(variables).map(([key, variable]) => {
      const value = environment[variable]
      if (value === undefined) throw new UsageError(`the environment has no ${variable}, for '${key}'`)
      return [key, value]
    })
  )
}

function settingsOfFile(file: string): Settings {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`--settings cannot be read: ${(cause as Error).message}`, { cause })
  }
  return text.trimStart().startsWith('{') ? fromJson(file, text) : fromProperties(file, text)
}

function fromJson(file: string, text: string): Settings {
  try {
    return JSON.parse(text) as Settings
  } catch {
    // The parser's own message quotes the text.
    throw new UsageError(`${file} begins as a JSON object and is none`)
  }
}

/** A line each, `key=value` or `key: value`; `#` and `!` begin a comment. Nothing is escaped. */
function fromProperties(file: string, text: string): Settings {
  const settings: Settings = {}
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const pair = line.trim()
    if (pair === '' || /^[#!]/.test(pair)) continue
    const [, key, value] = /^([\w.-]+)\s*[=:]\s*(.*)$/.exec(pair) ?? []
    if (key === undefined || value === undefined) throw new UsageError(`line ${i + 1} of ${file} is no key=value`)
    settings[key] = value
  }
  return settings
}
