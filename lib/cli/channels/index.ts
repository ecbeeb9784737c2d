/** `millrace channels`: what channels are on a cluster, who is in them, what is unread; and deletes one. */
import { ChannelObserver, type ChannelSnapshot } from '../../kafka-channel/index.js'
import { MillraceError } from '../../errors.js'
import { type Command, type OptionValues, UsageError, wholeNumberOption } from '../command.js'
import { plain, plainDeep, plainJson } from '../plain.js'
import { stopBySignal } from '../stop-by-signal.js'
import { connectionOptions, placeOf } from './connection.js'
import { deleteNamed } from './delete-channel.js'
import { reportText } from './report.js'
import { wrapped } from './shown.js'
import { summaryText } from './summary.js'
import { watch } from './watch.js'

const NARROWEST = 60
const PLAIN_WIDTH = 80

export const channels: Command = {
  name: 'channels',
  operands: '[NAME ...] | delete NAME',
  summary: 'Shows the channels of a cluster, or those that are named in detail; deletes one.',
  options: {
    location: { type: 'string', value: 'HOST:PORT', text: 'the brokers; several of them with commas between' },
    set: { type: 'string', value: 'KEY=VALUE', multiple: true, text: "one of Kafka's settings; once for each" },
    'set-from-env': { type: 'string', value: 'KEY=VARIABLE', multiple: true, text: 'the same, from the environment' },
    settings: { type: 'string', value: 'FILE', text: 'such settings, as JSON or as properties' },
    timeout: { type: 'string', value: 'SECONDS', text: 'for connecting, and for each look; default 10' },
    patience: { type: 'string', value: 'SECONDS', text: 'who is silent for longer is lost; default 120' },
    watch: { type: 'string', value: '[SECONDS]', alone: '2', text: 'every 2 s, or so often, until SIGINT' },
    all: { type: 'boolean', text: 'of a channel that is named each end, also of many' },
    json: { type: 'boolean', text: 'all of it as JSON, and nothing else, on standard output' },
    force: { type: 'boolean', text: 'delete: also with ends that are open, and unread records' },
    'dead-letters': { type: 'boolean', text: 'delete: NAME.dead too' }
  },
  async run(values, operands) {
    const connection = connectionOptions(values, process.env)
    const timeoutMs = 1000 * wholeNumberOption('timeout', values.timeout, 10, 1, 3600)
    const patienceMs = 1000 * wholeNumberOption('patience', values.patience, 120, 1, 1_000_000)
    const everyMs = 1000 * wholeNumberOption('watch', values.watch, 0, 1, 86_400)
    const [verb, ...named] = operands
    const isDelete = verb === 'delete'
    checkTogether(values, isDelete ? named : undefined)
    const observer = await ChannelObserver.open({ ...connection, timeoutMs, patienceMs })
    try {
      if (isDelete) {
        const [isForced, withDeadLetters] = [values.force === true, values['dead-letters'] === true]
        const options = { isForced, withDeadLetters, timeoutMs, patienceMs }
        return await deleteNamed(observer, connection, named[0] ?? '', options)
      }
      const names = operands.length > 0 ? operands : undefined
      const { location } = connection
      const view = {
        location,
        place: placeOf(connection),
        names,
        isAll: values.all === true,
        isJson: values.json === true
      }
      if (everyMs > 0) return await watchChannels(observer, view, everyMs, timeoutMs)
      const found = await observer.look(names, { timeoutMs })
      if (found.length > 0 || !names || view.isJson) console.log(shownText(found, view))
      for (const name of missingOf(found, view)) console.error(`millrace: ${noSuch(name, view)}`)
      return missingOf(found, view).length > 0 || found.some(({ problems }) => problems.length > 0) ? 1 : 0
    } finally {
      await observer.close({ timeoutMs })
    }
  }
}

interface View {
  readonly location: string
  /** The same in words. */
  readonly place: string
  /** Undefined for all. */
  readonly names: readonly string[] | undefined
  readonly isAll: boolean
  readonly isJson: boolean
}

/** @param deleted - what is to be deleted, if anything is */
function checkTogether(values: OptionValues, deleted: readonly string[] | undefined): void {
  if (deleted && deleted.length !== 1) throw new UsageError('delete takes the name of one channel')
  const unfit = deleted ? ['watch', 'all', 'json'] : ['force', 'dead-letters']
  const given = unfit.find(name => values[name] !== undefined)
  if (given) throw new UsageError(`--${given} means nothing ${deleted ? 'for' : 'without'} delete`)
}

async function watchChannels(
  observer: ChannelObserver,
  view: View,
  everyMs: number,
  timeoutMs: number
): Promise<number> {
  const stop = stopBySignal()
  const show = async (): Promise<string> => {
    try {
      const found = await observer.look(view.names, { timeoutMs, signal: stop.signal })
      const absent = view.isJson ? [] : missingOf(found, view).map(name => noSuch(name, view))
      return [shownText(found, view), ...absent].filter(text => text !== '').join('\n')
    } catch (error) {
      // The brokers may come back.
      if (!(error instanceof MillraceError)) throw error
      const { code, message } = error
      return view.isJson
        ? plainJson({ location: view.location, at: new Date().toISOString(), error: { code, message } })
        : wrapped(`${plain(message)} (${code})`, width()).join('\n')
    }
  }
  try {
    await watch(show, everyMs, process.stdout, !view.isJson, stop.signal)
    return stop.status() ?? 0
  } finally {
    stop.end()
  }
}

function shownText(found: readonly ChannelSnapshot[], { isAll, isJson, location, names, place }: View): string {
  if (isJson) return plainJson({ location, at: new Date().toISOString(), channels: found })
  const shown = plainDeep(found)
  if (!names) return summaryText(place, shown, width())
  return shown.map(channel => reportText(channel, { width: width(), isAll })).join('\n\n')
}

/** Asked each time: a terminal may be made wider. */
function width(): number {
  return Math.max(NARROWEST, process.stdout.columns ?? PLAIN_WIDTH)
}

function missingOf(found: readonly ChannelSnapshot[], { names = [] }: View): string[] {
  return names.filter(name => !found.some(({ channelName }) => channelName === name))
}

function noSuch(name: string, { place }: View): string {
  return `there is no channel ${name} at ${place}`
}
