import { expect } from 'chai'
import { grouped, table } from '../../lib/cli/table.js'

describe('table', () => {
  it('pads columns to their widest cell, numbers to the right', () => {
    const rows = [
      ['name', 'count'],
      ['a', 5],
      ['longer', 1234567]
    ]
    expect(table(rows).split('\n')).to.deep.equal([
      'name        count', //
      'a               5',
      'longer  1,234,567'
    ])
  })

  it('puts a text in a column of numbers to the right, too', () => {
    expect(table([['lag'], [5], ['unknown']]).split('\n')).to.deep.equal(['    lag', '      5', 'unknown'])
  })

  it('leaves no blanks at the end of a line', () => {
    const lines = table([
      ['a', 'text'],
      ['b', 'x'],
      ['c', '']
    ]).split('\n')
    expect(lines).to.deep.equal(['a  text', 'b  x', 'c'])
  })

  it('is the heading alone when there are no rows, and nothing without one', () => {
    expect(table([['a', 'b']])).to.equal('a  b')
    expect(table([])).to.equal('')
  })
})

describe('grouped', () => {
  it('groups whole numbers by thousands, whatever the language of the machine', () => {
    expect([0, 999, 1000, 1234567.6].map(grouped)).to.deep.equal(['0', '999', '1,000', '1,234,568'])
  })
})
