#!/usr/bin/env node
/** The `millrace` command: finds the subcommand, parses its options, and turns errors into one line and a status. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { MillraceError } from '../errors.js'
import { channels } from './channels/index.js'
import { type Command, optionHelp, type OptionValues, UsageError } from './command.js'
import { demo } from './demo/index.js'
import { doctor } from './doctor/index.js'
import { plainLines } from './plain.js'

const commands: readonly Command[] = [demo, channels, doctor]

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overview())
    return name === undefined ? 2 : 0
  }
  if (name === '--version' || name === '-v') {
    console.log(version)
    return 0
  }
  const command = commands.find(one => one.name === name)
  if (!command) throw new UsageError(`there is no command '${name}'\n\n${overview()}`)
  const { values, positionals } = parse(command, rest)
  if (values.help) {
    const operands = command.operands ? `${command.operands} ` : ''
    console.log(`millrace ${command.name} ${operands}[options]\n\n${command.summary}\n\n${optionHelp(command)}`)
    return 0
  }
  return await command.run(values, positionals)
}

function parse(command: Command, args: string[]): { values: OptionValues; positionals: string[] } {
  try {
    const options = Object.fromEntries(
      Object.entries({ ...command.options, help: { type: 'boolean' as const, text: '' } }).map(([key, option]) => [
        key,
        { type: option.type, multiple: 'multiple' in option }
      ])
    )
    const allowPositionals = command.operands !== undefined
    const parsed = parseArgs({ args: withValues(command, args), options, strict: true, allowPositionals })
    return { values: parsed.values as OptionValues, positionals: parsed.positionals }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`${message}\nSee: millrace ${command.name} --help`, { cause })
  }
}

/** Gives options that may stand alone their value. What looks like a number is theirs, to be refused if it is none. */
function withValues({ options }: Command, args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const alone = arg.startsWith('--') ? options[arg.slice(2)]?.alone : undefined
    return alone === undefined || /^\d[\d.]*s?$/.test(args[i + 1] ?? '') ? arg : `${arg}=${alone}`
  })
}

function overview(): string {
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`)
  return `millrace: Kafka channels for operator pipelines\n\nusage: millrace COMMAND [options]\n\n${rows.join('\n')}\n\nmillrace COMMAND --help tells a command's options; --version the version.`
}

// A reader that closed its end of the pipe, as `head` does, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`millrace: ${error.message}`)
    process.exitCode = 2
  } else if (error instanceof MillraceError) {
    console.error(`millrace: ${plainLines(error.message)} (${error.code})`)
    process.exitCode = 1
  } else {
    console.error(error)
    process.exitCode = 1
  }
}
