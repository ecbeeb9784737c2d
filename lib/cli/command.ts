/** What a subcommand of `millrace` is. */

/** An option of a command, with its line of help. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  /** What the value stands for in the help, such as `N`. */
  readonly value?: string
  readonly text: string
}

export interface Command {
  readonly name: string
  readonly summary: string
  readonly options: Readonly<Record<string, CommandOption>>
  /** @returns the exit status */
  run(values: Readonly<Record<string, string | boolean | undefined>>): Promise<number>
}

/** The command line cannot be understood: status 2, and the message alone. */
export class UsageError extends Error {}

/** The options of a command, a line each. */
export function optionHelp(command: Command): string {
  const rows = Object.entries(command.options).map(([name, { value, text }]) => {
    return `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(18)} ${text}`
  })
  return rows.join('\n')
}

/** @throws UsageError when the text is no whole number in range */
export function wholeNumberOption(
  name: string,
  text: string | boolean | undefined,
  fallback: number,
  low: number,
  high: number
): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (typeof text !== 'string' || text.trim() === '' || !Number.isInteger(number) || number < low || number > high) {
    throw new UsageError(`--${name} takes a whole number from ${low} to ${high}, not '${String(text)}'`)
  }
  return number
}
