import { expect } from 'chai'
import { type Command, optionHelp, UsageError, wholeNumberOption } from '../../lib/cli/command.js'

describe('wholeNumberOption', () => {
  const records = (text: string | boolean | undefined): number => wholeNumberOption('records', text, 7, 1, 1000)

  it('is the number that was given, or the default', () => {
    expect(records('12')).to.equal(12)
    expect(records('1e2')).to.equal(100)
    expect(records(undefined)).to.equal(7)
  })

  it('takes no blank for a zero', () => {
    for (const text of ['', ' '])
      expect(() => wholeNumberOption('warm-up', text, 7, 0, 9)).to.throw(UsageError, '--warm-up')
    expect(wholeNumberOption('warm-up', '0', 7, 0, 9)).to.equal(0)
  })

  it('refuses everything else, and says what it takes', () => {
    for (const text of ['0', '1001', '1.5', 'ten', '', ' ', 'NaN', true]) {
      expect(() => records(text), String(text)).to.throw(
        UsageError,
        `--records takes a whole number from 1 to 1000, not '${text}'`
      )
    }
  })
})

describe('optionHelp', () => {
  it('has a line for each option, their texts below one another', () => {
    const command: Command = {
      name: 'test',
      summary: '',
      options: {
        records: { type: 'string', value: 'N', text: 'how many' },
        json: { type: 'boolean', text: 'as JSON' }
      },
      run: () => Promise.resolve(0)
    }
    const lines = optionHelp(command).split('\n')
    expect(lines.map(line => line.trim().split(/ {2,}/))).to.deep.equal([
      ['--records N', 'how many'],
      ['--json', 'as JSON']
    ])
    expect(lines[0]?.indexOf('how many')).to.equal(lines[1]?.indexOf('as JSON'))
  })
})
