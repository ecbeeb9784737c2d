import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { KafkaChannelReader, KafkaChannelWriter } from 'millrace'
import { checkReaderOptions } from '../../lib/kafka-channel/reader-options.js'
import { rejection } from '../support/rejection.js'

type Row = readonly [option: string, value: string, fallback: string, does: string]
type Open = (options: object) => Promise<unknown>

const text = readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8')
const good = { location: 'broker.invalid:9092', channelName: 'c', schema: '"int"' }

/** The rows of the table below a heading. */
function rows(heading: string): Row[] {
  const [, section = ''] =
    new RegExp(`^## ${heading.replace('.', '\\.')}$([^]*?)(?=^## |$(?![^]))`, 'm').exec(text) ?? []
  return section
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(
      line =>
        line
          .split('|')
          .slice(1, -1)
          .map(cell => cell.trim()) as unknown as Row
    )
    .map(([option, ...cells]) => [option.replaceAll('`', ''), ...cells])
}

const units = { KiB: 1024, MiB: 1024 ** 2, TiB: 1024 ** 4 }

/** `1,000` and `1 MiB`; undefined for what is neither. */
function amount(text = ''): number | undefined {
  const [, digits, unit] = /^([\d,]+)(?: (KiB|MiB|TiB))?\b/.exec(text) ?? []
  if (digits === undefined) return undefined
  return Number(digits.replaceAll(',', '')) * (unit === undefined ? 1 : units[unit as keyof typeof units])
}

/** The names that an error lists when there is none such. */
async function accepted(open: Open, options: object): Promise<string[]> {
  const { message } = await rejection(open({ ...good, ...options }))
  return /: it has (.*)$/.exec(message)?.[1]?.split(', ') ?? []
}

const classes: [name: string, open: Open][] = [
  ['KafkaChannelReader.open', options => KafkaChannelReader.open(options as never)],
  ['KafkaChannelWriter.open', options => KafkaChannelWriter.open(options as never)]
]

describe('docs/options.md', () => {
  for (const [name, open] of classes) {
    describe(name, () => {
      const table = rows(name)
      const documented = table.map(([option]) => option)

      it('has a row for each option that the code accepts, and no other', async () => {
        const names = await accepted(open, { nothing: 1 })
        const inGroup = names.includes('group') ? await accepted(open, { group: { nothing: 1 } }) : []
        expect(names.length).to.be.greaterThan(5)
        expect(documented.toSorted()).to.deep.equal([...names, ...inGroup.map(part => `group.${part}`)].toSorted())
      })

      it('says of each what it takes, its default, and what it does', () => {
        for (const [option, value, fallback, does] of table) {
          expect(value, option).to.not.equal('')
          expect(fallback, option).to.not.equal('')
          expect(does.length, option).to.be.greaterThan(15)
        }
      })

      it('names the limits of numbers as they are', async () => {
        let limits = 0
        for (const [option, value] of table) {
          const [, unit, low, high] = /^(\w+), (.*) to (.*)$/.exec(value) ?? []
          const [lowest, highest] = [amount(low), amount(high)]
          if (unit === undefined || lowest === undefined || highest === undefined) continue
          limits++
          const wrap = (number: number): object =>
            option.startsWith('group.') ? { group: { [option.slice(6)]: number } } : { [option]: number }
          for (const number of [lowest - 1, highest + 1]) {
            const error = await rejection(open({ ...good, ...wrap(number) }))
            expect(error, `${option}: ${number}`).to.be.instanceOf(RangeError)
            expect(error.message, option).to.contain(`from ${lowest} to ${highest}`)
          }
        }
        expect(limits).to.equal(name.includes('Reader') ? 9 : 4)
      })
    })
  }

  it('names the defaults of a reader as they are', () => {
    const checked = checkReaderOptions(good) as unknown as Record<string, unknown>
    const { group } = checkReaderOptions(good)
    const defaults = new Map(rows('KafkaChannelReader.open').map(([option, , fallback]) => [option, fallback]))
    for (const option of ['maxBatchRecords', 'maxBatchBytes', 'prefetchBytes']) {
      expect(amount(defaults.get(option)), option).to.equal(checked[option])
    }
    expect(defaults.get('encoding')).to.equal(`\`'${String(checked.encoding)}'\``)
    expect([defaults.get('group.index'), defaults.get('group.size')].map(amount)).to.deep.equal([
      group.index,
      group.size
    ])
    expect(group.name).to.equal(good.channelName)
  })
})
