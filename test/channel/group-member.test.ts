import { inspect } from 'node:util'
import { expect } from 'chai'
import { type GroupMember, groupMember } from '../../lib/channel/index.js'

describe('groupMember', () => {
  it('is the only member of a group of that name when nothing is said', () => {
    expect(groupMember(undefined, 'channel')).to.deep.equal({ name: 'channel', index: 0, size: 1 })
    expect(groupMember({}, 'channel')).to.deep.equal({ name: 'channel', index: 0, size: 1 })
  })

  it('is what it is told to be', () => {
    const member = { name: 'group', index: 2, size: 3 }
    expect(groupMember(member, 'channel')).to.deep.equal(member)
  })

  it('takes over nothing else from the object', () => {
    const given = { index: 0, size: 2, topic: 'x' }
    expect(groupMember(given, 'channel')).to.have.all.keys('name', 'index', 'size')
  })

  it('takes over the fields of a class as well', () => {
    class Member {
      get size(): number {
        return 3
      }
    }
    expect(groupMember(new Member(), 'channel')).to.deep.equal({ name: 'channel', index: 0, size: 3 })
  })

  it('refuses what has no such fields', () => {
    for (const group of [null, 5, 'group', [], new Map([['size', 3]]), new Set(), new Date(), Promise.resolve()]) {
      expect(() => groupMember(group as unknown as GroupMember, 'channel'), inspect(group)).to.throw(
        TypeError,
        'group must be an object'
      )
    }
  })

  it('refuses an index that the group does not have, and says which it has', () => {
    for (const index of [-1, 3, 1.5, NaN, Infinity, '0' as unknown as number]) {
      expect(() => groupMember({ index, size: 3 }, 'channel'), inspect(index)).to.throw(
        RangeError,
        `group.index must be a whole number from 0 to 2, not ${inspect(index)}`
      )
    }
  })

  it('refuses a size that no group has', () => {
    for (const size of [0, -1, 1.5, NaN, Infinity, 100_001, '1' as unknown as number]) {
      expect(() => groupMember({ size }, 'channel'), String(size)).to.throw(RangeError, 'group.size')
    }
  })

  it('refuses a name that is no text or empty', () => {
    for (const name of ['', 5, null]) {
      expect(() => groupMember({ name: name as string }, 'channel'), String(name)).to.throw(TypeError, 'group.name')
    }
  })

  it('refuses what is no object', () => {
    for (const group of [null, 'group', 3]) {
      expect(() => groupMember(group as unknown as GroupMember, 'channel')).to.throw(TypeError, 'group must be')
    }
  })
})
