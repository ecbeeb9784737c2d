import { expect } from 'chai'
import { RecordError, RecordType } from 'millrace'
import { BatchEncoder, type EncodedBatch, SlabPool } from '../../lib/avro/index.js'
import { headerOf } from '../../lib/avro/framing.js'

const schema = {
  type: 'record',
  name: 'Item',
  fields: [
    { name: 'n', type: 'int' },
    { name: 'text', type: 'string' },
    { name: 'list', type: { type: 'array', items: { type: 'map', values: 'int' } }, default: [] }
  ]
} as const
const type = RecordType.of<object>(schema)

/** Knows which slabs are out. */
class WatchedPool extends SlabPool {
  readonly out: Buffer[] = []

  override take(bytes: number): Buffer {
    const slab = super.take(bytes)
    this.out.push(slab)
    return slab
  }

  override giveBack(slab: Buffer): void {
    const place = this.out.indexOf(slab)
    if (place < 0) throw new Error('that slab was not out')
    this.out.splice(place, 1)
    super.giveBack(slab)
  }
}

function records({ slab, ends }: EncodedBatch): Buffer[] {
  return Array.from(ends, (end, i) => slab.subarray(i === 0 ? 0 : ends[i - 1], end))
}

describe('BatchEncoder', () => {
  let pool: WatchedPool
  beforeEach(() => {
    pool = new WatchedPool()
  })
  const encoder = (maxRecordBytes = 1_000_000, of: RecordType<object> = type): BatchEncoder =>
    new BatchEncoder(of as RecordType, 'single-object', pool, maxRecordBytes)

  it('does not make the slab of many small records after the one large record before them', () => {
    const large = encoder(1_000_000, RecordType.of<object>(schema))
    large.encode([{ n: 1, text: 'x'.repeat(900_000) }])
    const { slab } = large.encode(Array.from({ length: 10_000 }, (_, n) => ({ n, text: 'y' })))
    expect(slab.length).to.be.at.most(4 * 1024 * 1024)
  })

  const refused = (batch: readonly unknown[], maxRecordBytes?: number): RecordError => {
    try {
      encoder(maxRecordBytes).encode(batch)
    } catch (error) {
      expect(error).to.be.instanceOf(RecordError)
      return error as RecordError
    }
    throw new Error('the batch was accepted')
  }

  it('puts the records one behind the other, each with its header', () => {
    const batch = encoder().encode([
      { n: 1, text: 'a' },
      { n: -1, text: 'bc' }
    ])
    const header = headerOf('single-object', type as RecordType)
    const bodies = [Buffer.from('02026100', 'hex'), Buffer.from('0104626300', 'hex')]
    expect(records(batch)).to.deep.equal(bodies.map(body => Buffer.concat([header, body])))
  })

  it('puts plain records without a header', () => {
    const batch = new BatchEncoder(RecordType.of('"int"'), 'plain', pool, 1000).encode([1, 2, 300])
    expect(records(batch).map(record => record.toString('hex'))).to.deep.equal(['02', '04', 'd804'])
  })

  it('gives a record of no bytes an end of its own', () => {
    const nothing = RecordType.of({ type: 'record', name: 'Nothing', fields: [] })
    const batch = new BatchEncoder(nothing, 'plain', pool, 1000).encode([{}, {}])
    expect([...batch.ends]).to.deep.equal([0, 0])
  })

  it('makes nothing of no records', () => {
    expect(encoder().encode([]).ends).to.have.length(0)
  })

  it('lets the slab grow, and what stood in the smaller one is unharmed', () => {
    const batch = Array.from({ length: 3000 }, (_, n) => ({ n, text: 'x'.repeat(n), list: [] }))
    const encoded = encoder().encode(batch)
    expect(encoded.slab.length).to.be.greaterThan(4_000_000)
    const read = records(encoded).map(record => type.decode(record.subarray(10)))
    expect(read).to.deep.equal(batch)
  })

  it('lets the slab grow for a single record that is larger than it', () => {
    const one = { n: 1, text: 'x'.repeat(900_000), list: [] }
    const [first, second] = records(encoder().encode([one, one])) as [Buffer, Buffer]
    expect(type.decode(first.subarray(10))).to.deep.equal(one)
    expect(second).to.deep.equal(first)
  })

  it('gives back each slab that was too small, and keeps the one of the batch', () => {
    const encoded = encoder().encode([{ n: 1, text: 'x'.repeat(500_000) }])
    expect(pool.out).to.have.length(1)
    expect(pool.out[0]).to.equal(encoded.slab)
  })

  it('rejects the whole batch when one record is invalid, with its index, path and value', () => {
    const good = { n: 1, text: 'a', list: [] }
    const error = refused([good, good, { n: 1, text: 'a', list: [{}, { a: 1, b: 'two' }] }, good])
    expect(error).to.include({
      code: 'ERR_MILLRACE_RECORD_INVALID',
      index: 2,
      path: '/list/1/b',
      value: 'two'
    })
    expect(error.message).to.contain('record 2').and.contain('/list/1/b').and.contain('"int"').and.contain("'two'")
    expect(pool.out, 'slabs of the rejected batch').to.deep.equal([])
  })

  it('names the first of several invalid records', () => {
    expect(refused([{ n: 1, text: 'a' }, { n: 'x', text: 'a' }, {}])).to.include({ index: 1, path: '/n', value: 'x' })
  })

  it('names the first of several fields that do not fit', () => {
    const error = refused([{ n: 'x', text: 5, list: [{ a: null }] }])
    expect(error).to.include({ path: '/n', value: 'x' })
    expect(refused([{ n: 1, text: 'a', list: [{ a: 1 }, { b: 'two' }, { c: 'three' }] }])).to.include({
      path: '/list/1/b',
      value: 'two'
    })
  })

  it('names a record that is no object at all', () => {
    for (const value of [null, undefined, 5, 'text']) {
      expect(refused([value]), String(value)).to.include({ index: 0, path: '', value })
    }
  })

  it('rejects a record whose property throws, with what was thrown as the cause', () => {
    const cause = new Error('no text today')
    const trap = {
      n: 1,
      get text(): string {
        throw cause
      }
    }
    const error = refused([{ n: 1, text: 'a' }, trap])
    expect(error.index).to.equal(1)
    expect(error.message).to.contain('no text today')
    expect(error.cause).to.equal(cause)
  })

  it('keeps the message short whatever the value is, and the value whole', () => {
    const huge = 'x'.repeat(10_000_000)
    for (const value of [huge, [huge], { [huge]: huge }]) {
      const error = refused([{ n: value, text: 'a' }])
      expect(error.message.length).to.be.lessThan(400)
      expect(error.value).to.equal(value)
    }
  })

  it('encodes the next batch as if the invalid one had never been', () => {
    const one = encoder()
    expect(() => one.encode([{ n: 1, text: 'a' }, {}])).to.throw(RecordError)
    expect(records(one.encode([{ n: 1, text: 'a' }]))).to.deep.equal(records(encoder().encode([{ n: 1, text: 'a' }])))
  })

  it('rejects the whole batch when one record is too large, header included', () => {
    const bytes = (text: string): number => 10 + type.encode({ n: 1, text }).length
    const fitting = { n: 1, text: 'x'.repeat(80) }
    const limit = bytes(fitting.text)
    const { slab, ends } = encoder(limit).encode([fitting, fitting])
    expect(ends[0]).to.equal(limit)
    pool.giveBack(slab)
    const error = refused([fitting, { n: 1, text: `${fitting.text}x` }], limit)
    expect(error).to.include({ code: 'ERR_MILLRACE_RECORD_TOO_LARGE', index: 1, path: '' })
    expect(error.message)
      .to.contain(`${limit + 1} bytes`)
      .and.contain(`${limit}`)
      .and.contain('message.max.bytes')
    expect(pool.out, 'slabs of the rejected batch').to.deep.equal([])
  })

  it('gives back every slab when a record is refused after the slab has grown', () => {
    const large = { n: 1, text: 'x'.repeat(300_000) }
    expect(refused([large, large, { n: 1 }])).to.include({ index: 2, path: '/text', value: undefined })
    expect(pool.out, 'after an invalid record').to.deep.equal([])
    const error = refused([large, large, { n: 2, text: 'x'.repeat(900_000) }], 500_000)
    expect(error).to.include({ code: 'ERR_MILLRACE_RECORD_TOO_LARGE', index: 2 })
    expect(error.message).to.match(/^record 2 has 900\d{3} bytes, more than the 500000 /)
    expect(pool.out, 'after one that is too large').to.deep.equal([])
  })

  it('makes no new slab for each batch when those of the batches before came back', () => {
    const one = encoder()
    const slabs = new Set<Buffer>()
    for (let i = 0; i < 100; i++) {
      const { slab } = one.encode([{ n: i, text: 'x'.repeat(500) }])
      slabs.add(slab)
      pool.giveBack(slab)
    }
    expect(slabs.size).to.equal(1)
  })

  it('leaves a batch alone that is still out while the next is encoded', () => {
    const one = encoder()
    const first = one.encode([{ n: 1, text: 'first' }])
    const before = Buffer.from(first.slab.subarray(0, first.ends[0]))
    one.encode([{ n: 2, text: 'second' }])
    expect(first.slab.subarray(0, first.ends[0])).to.deep.equal(before)
  })
})
