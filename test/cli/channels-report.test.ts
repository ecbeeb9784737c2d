import { expect } from 'chai'
import { objections } from '../../lib/cli/channels/delete-channel.js'
import { reportText } from '../../lib/cli/channels/report.js'
import { age, countStates, cut, fitted, fittedRanges, ranges, wrapped } from '../../lib/cli/channels/shown.js'
import { summaryText } from '../../lib/cli/channels/summary.js'
import { redrawn, watch } from '../../lib/cli/channels/watch.js'
import { channelOf, groupOf, memberOf, writerOf } from '../support/snapshots.js'

const failed = { state: 'Error', error: 'the disk is full' } as const
const lost = { isLost: true, silentMs: 200_000 } as const
const closed = { state: 'Closed', stateMs: 7_300_000, silentMs: 7_300_000 } as const
const longName = `plant.${'a-rather-long-part-of-a-name.'.repeat(3)}samples`
const narrow = { width: 80, isAll: false }

/** A text of several lines, without the margin that it has here. */
function lines(text: string): string {
  return text.replace(/^\n|\n *$/g, '').replace(/^ {6}/gm, '')
}

function expectNarrow(text: string, beside?: string): void {
  for (const line of text.split('\n')) if (line !== beside) expect(line.length, line).to.be.at.most(80)
}

describe('millrace channels: the parts of a report', () => {
  it('tell an age in the unit that says most', () => {
    const texts = [0, 999, 119_999, 120_000, 7_199_999, 7_200_000, 172_799_999, 172_800_000].map(age)
    expect(texts).to.deep.equal(['0 s', '0 s', '119 s', '2 min', '119 min', '2 h', '47 h', '2 d'])
  })

  it('list as many items as fit, and count the others', () => {
    expect(fitted(['a', 'b', 'c'], 5)).to.equal('a b c')
    expect(fitted(['aa', 'bb', 'cc'], 7)).to.equal('aa +2')
    expect(fitted(['aa', 'bb', 'cc'], 8)).to.equal('aa bb cc')
    expect(fitted(['one that is wider', 'b'], 5)).to.equal('one that is wider +1')
    expect(fitted([], 5)).to.equal('')
    expect(fitted(['10 a', '7 b', '5 c'], 8, ', ', [10, 7, 5])).to.equal('10 a, +12')
  })

  it('cut a text in its middle, and only where it is longer', () => {
    expect(cut('abcdef', 6)).to.equal('abcdef')
    expect(cut('abcdefg', 6)).to.equal('abc…fg')
  })

  it('join neighbours to ranges', () => {
    expect(ranges([3, 0, 1, 2, 5, 7, 8])).to.deep.equal(['0-3', '5', '7-8'])
    expect(fittedRanges([3, 0, 1, 2, 5, 7, 8], 7)).to.equal('0-3 +3')
  })

  it('wrap between words, and leave a longer word whole', () => {
    expect(wrapped('one two three', 8, ' ')).to.deep.equal([' one two', '   three'])
    expect(wrapped('aaaaaaaaaaaa b', 5)).to.deep.equal(['aaaaaaaaaaaa', '  b'])
  })

  it('count the states, the worst first, and call one in Error by its error though it is silent', () => {
    const ends = [writerOf('a'), writerOf('b', { ...failed, isLost: true }), writerOf('c', lost), writerOf('d', closed)]
    expect(countStates(ends, 2).map(([state, count]) => `${count} ${state}`)).to.deep.equal([
      '1 error',
      '1 lost',
      '2 absent',
      '1 started',
      '1 closed'
    ])
  })
})

describe('millrace channels: the table', () => {
  it('has a row for each channel at 80 columns, a long name in a line of its own, and notes below', () => {
    const large = groupOf('all', 1000, { 1: failed, 2: lost, 3: lost, 4: closed })
    const timeout = { code: 'ERR_MILLRACE_TIMEOUT', message: 'waited 10000 ms for what nobody has answered up to now' }
    const text = summaryText(
      'kafka:9092',
      [
        channelOf('plant.press.samples', { groups: [groupOf('samplers', 3, { 1: { unreadRecords: 12_345 } })] }),
        channelOf(longName, { groups: [large], partitions: 1000 }),
        channelOf('new', { groups: [], writers: [], records: 0 }),
        channelOf('half', { missingTopics: ['half', 'half.output.state'], partitions: null, writers: [] }),
        channelOf('odd', { deadLetters: 12, malformed: 1, unreadRecords: null, problems: [timeout] })
      ],
      80
    )
    expect(text).to.equal(
      lines(`
      5 channels at kafka:9092

      channel              partitions  readers                writers    unread  heard
      plant.press.samples           3  3 started              1 started  12,345  1 s
      plant.a-rather-long-part-of-a-name.a-rat…me.a-rather-long-part-of-a-name.samples
                                1,000  1 error, 2 lost, +997  1 started       0  1 s
      new                           3  -                      -               -  -
      half                          -  3 started              -               0  1 s
      odd                           3  3 started              1 started       -  1 s

      half is incomplete: there is no half, and no half.output.state
      odd.dead has 12 records that could not be decoded
      odd: 1 malformed record in its status topics
      odd: waited 10000 ms for what nobody has answered up to now
        (ERR_MILLRACE_TIMEOUT)
      `)
    )
    expectNarrow(text)
  })
})

describe('millrace channels NAME', () => {
  it('tells of each member and writer, with what went wrong', () => {
    const error = 'the record at offset 17 of plant.press.samples [1] cannot be decoded: its schema is not known'
    const members = { 1: { ...failed, unreadRecords: 12_345, error }, 2: lost }
    const ends = Object.fromEntries(Array.from({ length: 1000 }, (_, partition) => [partition, 1000 + partition]))
    const text = reportText(
      channelOf('plant.press.samples', {
        groups: [groupOf('samplers', 3, members)],
        writers: [
          writerOf('sensor', { ...closed, ends: { 0: 12, 1: 15, 2: 19 } }),
          writerOf('a.writer.with.a.name.that.is.longer.than.fits.into.a.table', { ...closed, ends })
        ]
      }),
      narrow
    )
    expect(text).to.equal(
      lines(`
      plant.press.samples
        3 partitions, 1,000 records

      group samplers of 3: 12,345 unread
        index  state    since  heard  unread  partitions
            0  started  5 min  1 s         0  0
            1  error    5 min  1 s    12,345  1
            2  lost     5 min  3 min       0  2
        samplers.1: the record at offset 17 of plant.press.samples [1] cannot be
          decoded: its schema is not known

      2 writers
        name                                state   since  heard  ends
        sensor                              closed  2 h    2 h    0:12 1:15 2:19
        a.writer.with.a.n…its.into.a.table  closed  2 h    2 h    0:1000 1:1001 +998
      `)
    )
    expectNarrow(text)
  })

  it('has a line for each state of a large group, and few of its errors', () => {
    const some = Array.from({ length: 8 }, (_, i) => [i * 100 + 7, { ...failed, name: `all.${i}` }] as const)
    const others = { 3: lost, 5: { ...closed, unreadRecords: 5 }, 17: { unreadRecords: null } }
    const text = reportText(
      channelOf(longName, {
        partitions: 1000,
        groups: [groupOf('all', 1000, { ...Object.fromEntries(some), ...others })],
        writers: Array.from({ length: 30 }, (_, i) => writerOf(`sensor.${i}`, i < 10 ? closed : {}))
      }),
      narrow
    )
    expect(text).to.equal(
      lines(`
      plant.a-rather-long-part-of-a-name.a-rather-long-part-of-a-name.a-rather-long-part-of-a-name.samples
        1,000 partitions, 1,000 records

      group all of 1,000: 5 unread
        state    ends  since  heard  unread  indices
        error       8  5 min  1 s         0  7 107 207 307 407 507 607 707
        lost        1  5 min  3 min       0  3
        started   990  5 min  1 s         -  0-2 4 6 8-106 108-206 208-306 +688
        closed      1  2 h    2 h         5  5
        most unread: 5 by index 5
        all.0: the disk is full
        all.1: the disk is full
        all.2: the disk is full
        all.3: the disk is full
        all.4: the disk is full
        … and 3 more errors

      30 writers
        state    ends  since  heard  names
        started    20  5 min  1 s    sensor.10 sensor.11 sensor.12 sensor.13 +16
        closed     10  2 h    2 h    sensor.0 sensor.1 sensor.2 sensor.3 sensor.4 +5
      `)
    )
    expectNarrow(text, longName)
  })

  it('tells of each of 1,000 members where all are wanted', () => {
    const text = reportText(channelOf('all', { groups: [groupOf('all', 1000)] }), { width: 80, isAll: true })
    expect(text.match(/^ +\d+ {2}started/gm)).to.have.length(1000)
    expectNarrow(text)
  })

  it('says which members never came, and that one of a former size of the group reads nothing', () => {
    const members = [
      memberOf('g', 0, { partitions: [0, 3] }),
      memberOf('g', 1, { partitions: [1, 4] }),
      memberOf('g', 5, { ...closed, partitions: [] })
    ]
    const text = reportText(channelOf('scaled', { partitions: 6, groups: [{ ...groupOf('g', 3), members }] }), narrow)
    expect(text).to.equal(
      lines(`
      scaled
        6 partitions, 1,000 records

      group g of 3: 0 unread, 1 never came: 2
        index  state    since  heard  unread  partitions
            0  started  5 min  1 s         0  0 3
            1  started  5 min  1 s         0  1 4
            5  closed   2 h    2 h         0  -

      1 writer
        name    state    since  heard  ends
        sensor  started  5 min  1 s    -
      `)
    )
  })

  it('says so where nobody was there', () => {
    const text = reportText(channelOf('new', { groups: [], writers: [], records: 0 }), narrow)
    expect(text.split('\n')).to.include.members(['no reader was ever here', 'no writer was ever here'])
  })

  it('does not say that nobody was there where not all could be seen', () => {
    const problems = [{ code: 'ERR_MILLRACE_NOT_AUTHORIZED', message: 'no right to Read' }]
    const text = reportText(channelOf('closed', { groups: [], writers: [], problems }), narrow)
    expect(text.split('\n')).to.include.members(['no reader was seen', 'no writer was seen'])
  })
})

describe('millrace channels delete: what speaks against it', () => {
  const still = channelOf('done', {
    groups: [groupOf('g', 2, { 0: closed, 1: closed })],
    writers: [writerOf('w', closed)]
  })

  it('is nothing where all have closed or are lost, and all is read', () => {
    expect(objections(still, 120_000)).to.deep.equal([])
    expect(objections({ ...still, writers: [writerOf('w', lost)] }, 120_000)).to.deep.equal([])
    expect(objections({ ...still, groups: [], records: 0 }, 120_000)).to.deep.equal([])
  })

  it('is that no reader was ever seen: the records may be those of others, on topics of such names', () => {
    const foreign = channelOf('orders', { groups: [], writers: [], missingTopics: ['orders.output.state'] })
    expect(objections(foreign, 120_000)).to.deep.equal([
      'it has 1,000 records, and no reader was ever seen in it: nobody can tell whether they are read'
    ])
  })

  it('is an end that has not closed, one that has failed as well, with its name', () => {
    for (const changes of [{}, failed]) {
      const [objection] = objections({ ...still, writers: [writerOf('w', changes)] }, 120_000)
      expect(objection).to.contain('1 writer is not closed, and heard 1 s ago: stop it first (w).').and.contain('2 min')
    }
  })

  it('is what a group has not read, or may not have read', () => {
    const unread = groupOf('g', 1, { 0: { ...closed, unreadRecords: 1 } })
    expect(objections({ ...still, groups: [unread] }, 1)).to.deep.equal([
      'the group g has 1 record unread: let its members read them to their end'
    ])
    expect(objections({ ...still, groups: [{ ...unread, unreadRecords: null }] }, 1)).to.deep.equal([
      'what the group g has still to read is not known'
    ])
  })

  it('is whatever could not be seen', () => {
    const problems = [{ code: 'ERR_MILLRACE_TIMEOUT', message: 'waited 1 ms for x' }]
    expect(objections({ ...still, problems }, 1)).to.deep.equal([
      'not all of it could be seen: waited 1 ms for x (ERR_MILLRACE_TIMEOUT)'
    ])
  })
})

describe('millrace channels --watch', () => {
  async function watched(screen: { isTTY: boolean; rows: number }, isStamped: boolean): Promise<string[]> {
    const written: string[] = []
    const stop = new AbortController()
    const texts = ['one\ntwo', 'three']
    const show = (): Promise<string> => {
      const text = texts.shift()
      if (text === undefined) stop.abort()
      return text === undefined ? Promise.reject(new Error('stopped')) : Promise.resolve(text)
    }
    await watch(show, 1, { ...screen, write: text => written.push(text) }, isStamped, stop.signal)
    return written
  }

  it('draws over what was there on a terminal, clears what is left of it, cuts lines that are too wide, and mends all that', async () => {
    const written = await watched({ isTTY: true, rows: 10 }, true)
    expect(written).to.deep.equal([
      '\x1b[?25l\x1b[?7l\x1b[H\x1b[J',
      '\x1b[H\x1b[Kone\n\x1b[Ktwo\n\x1b[J',
      '\x1b[H\x1b[Kthree\n\x1b[J',
      '\x1b[?7h\x1b[?25h'
    ])
  })

  it('goes on line by line with the time elsewhere, and without it where each line is a document', async () => {
    const plain = await watched({ isTTY: false, rows: 10 }, true)
    expect(plain.map(text => text.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z\n/, '<time> '))).to.deep.equal([
      '<time> one\ntwo\n\n',
      '<time> three\n\n'
    ])
    expect(await watched({ isTTY: true, rows: 10 }, false)).to.deep.equal(['one\ntwo\n', 'three\n'])
  })

  it('stays within the rows that a terminal has, and says how much more there is', () => {
    expect(redrawn('1\n2\n3\n4', 4)).to.equal('\x1b[H\x1b[K1\n\x1b[K2\n\x1b[K… 2 more lines\n\x1b[J')
    expect(redrawn('1\n2\n3', 4)).to.equal('\x1b[H\x1b[K1\n\x1b[K2\n\x1b[K3\n\x1b[J')
  })
})
