/** What a subcommand of `millrace` is. */

/** An option of a command, with its line of help. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  /** What the value stands for in the help, such as `N`. */
  readonly value?: string
  /** Whether it may be given several times. */
  readonly multiple?: true
  /** What it means where no whole number follows; by default a value must follow. */
  readonly alone?: string
  readonly text: string
}

/** What was given for an option: a list where it may be given several times. */
export type OptionValue = string | boolean | readonly string[] | undefined
export type OptionValues = Readonly<Record<string, OptionValue>>

export interface Command {
  readonly name: string
  readonly summary: string
  /** What it takes beside options, for the help, such as `[NAME ...]`; by default nothing. */
  readonly operands?: string
  readonly options: Readonly<Record<string, CommandOption>>
  /** @returns the exit status */
  run(values: OptionValues, operands: readonly string[]): Promise<number>
}

/** The command line cannot be understood: status 2, and the message alone. */
export class UsageError extends Error {}

/** The options of a command, a line each. */
export function optionHelp(command: Command): string {
  const rows = Object.entries(command.options).map(([name, { value, text }]) => {
    return [`--${name}${value ? ` ${value}` : ''}`, text] as const
  })
  const width = Math.max(18, ...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)} ${text}`).join('\n')
}

/** @throws UsageError when the text is no whole number in range */
export function wholeNumberOption(
  name: string,
  text: OptionValue,
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
