import { expect } from 'chai'
import { plain, plainDeep, plainJson, plainLines } from '../../lib/cli/plain.js'

describe('what others have written', () => {
  const hostile = '\x1b[2Ja\r\nb\u009b31m\u202ec\u0007 \ud800'

  it('is shown in one line that controls no terminal', () => {
    expect(plain(hostile)).to.equal('\\u001b[2Ja b\\u009b31m\\u202ec\\u0007 \\ud800')
    expect(plain('ein Öl-Faß, 表, 😀')).to.equal('ein Öl-Faß, 表, 😀')
    expect(plainLines('one\x1b\ntwo')).to.equal('one\\u001b\ntwo')
  })

  it('is shown up to so much of it', () => {
    expect(plain('x'.repeat(1000))).to.have.length(1000)
    expect(plain('x'.repeat(100_000))).to.equal(`${'x'.repeat(999)}…`)
  })

  it('is the same in all that is told of a channel', () => {
    const told = { name: 'a\x1b', groups: [{ name: null, size: 2, ids: ['b\x07'] }], isLost: true }
    expect(plainDeep(told)).to.deep.equal({
      name: 'a\\u001b',
      groups: [{ name: null, size: 2, ids: ['b\\u0007'] }],
      isLost: true
    })
  })

  it('is the same text in JSON, which controls no terminal either', () => {
    const json = plainJson({ hostile })
    expect(json).to.match(/^[\x20-\x7e]+$/)
    expect(JSON.parse(json)).to.deep.equal({ hostile })
  })
})
