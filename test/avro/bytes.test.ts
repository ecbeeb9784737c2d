import { expect } from 'chai'
import { RecordError, RecordType } from 'millrace'
import { BatchDecoder, BatchEncoder, SlabPool } from '../../lib/avro/index.js'

const schema = {
  type: 'record',
  name: 'Bin',
  fields: [
    { name: 'b', type: 'bytes' },
    { name: 'f', type: { type: 'fixed', name: 'F4', size: 4 } },
    { name: 'maybe', type: ['null', 'bytes'], default: null },
    { name: 'map', type: { type: 'map', values: 'bytes' }, default: {} },
    { name: 'list', type: { type: 'array', items: ['null', 'bytes'] }, default: [] },
    {
      name: 'inner',
      type: ['null', { type: 'record', name: 'Inner', fields: [{ name: 'b', type: 'bytes' }] }],
      default: null
    }
  ]
} as const

interface Bin {
  b: Uint8Array
  f: Uint8Array
  maybe?: Uint8Array | null
  map?: Record<string, Uint8Array>
  list?: (Uint8Array | null)[]
  inner?: { b: Uint8Array } | null
}

const type = RecordType.of<Bin>(schema)
const memory = Uint8Array.from({ length: 64 }, (_, i) => i)
/** A view in the middle of its memory. */
const view = (from: number, to: number): Uint8Array => new Uint8Array(memory.buffer, from, to - from)
const f = Buffer.from([1, 2, 3, 4])

describe('bytes', () => {
  it('C42: a view writes only its own range of the memory it looks at', () => {
    const { b, f: fixed } = type.decode(type.encode({ b: view(10, 13), f: view(20, 24) }))
    expect([...b]).to.deep.equal([10, 11, 12])
    expect([...fixed]).to.deep.equal([20, 21, 22, 23])
  })

  it('C29: bytes that are kept hold nothing around them that matters: nothing up to 64, and never more than 4 KB', () => {
    const bytes = RecordType.of<Uint8Array>('"bytes"')
    for (const length of [0, 1, 16, 63, 64, 65, 1000, 4096, 4097, 100_000]) {
      const value = Uint8Array.from({ length }, (_, i) => i)
      const read = bytes.decode(bytes.encode(value))
      expect([...read]).to.deep.equal([...value])
      expect(read.buffer.byteLength, `${length}`).to.equal(length > 64 ? Math.max(length, 4096) : length)
    }
  })

  it('C42: views are accepted wherever bytes can stand, and write what Buffers write', () => {
    const of = (bytes: (from: number, to: number) => Uint8Array): Bin => ({
      b: bytes(1, 3),
      f: bytes(4, 8),
      maybe: bytes(9, 9),
      map: { a: bytes(10, 12), b: bytes(12, 13) },
      list: [bytes(13, 16), null, bytes(16, 18)],
      inner: { b: bytes(20, 21) }
    })
    expect(type.encode(of(view))).to.deep.equal(type.encode(of((from, to) => Buffer.from(view(from, to)))))
  })

  it('C42: views are accepted in records of a class with fields on its prototype', () => {
    class Sample {
      get f(): Uint8Array {
        return f
      }
      readonly b = view(1, 3)
    }
    expect(type.decode(type.encode(new Sample())).b).to.deep.equal(Buffer.from([1, 2]))
  })

  it('C42: a record with views is not changed by being encoded', () => {
    const b = view(1, 3)
    const record = { b, f, map: { a: b } }
    type.encode(record)
    expect(record.b).to.equal(b)
    expect(record.map.a).to.equal(b)
  })

  it('C42: bytes in a SharedArrayBuffer are refused by that name, as views and as Buffers', () => {
    const shared = new SharedArrayBuffer(4)
    const records: Bin[] = [
      { b: new Uint8Array(shared), f },
      { b: Buffer.from(shared), f },
      { b: f, f: new Uint8Array(shared) },
      { b: f, f: Buffer.from(shared) },
      { b: f, f, maybe: new Uint8Array(shared) },
      { b: f, f, maybe: Buffer.from(shared) },
      { b: f, f, list: [null, new Uint8Array(shared)] },
      { b: f, f, list: [null, Buffer.from(shared)] },
      { b: f, f, map: { a: new Uint8Array(shared) } },
      { b: f, f, inner: { b: Buffer.from(shared) } }
    ]
    for (const record of records) {
      expect(() => type.encode(record))
        .to.throw(RecordError, 'SharedArrayBuffer')
        .with.property('code', 'ERR_MILLRACE_RECORD_INVALID')
    }
  })

  it('C42: what is no view of bytes is refused with its path', () => {
    for (const b of ['ab', [1, 2], new Uint16Array(2), new ArrayBuffer(2)]) {
      expect(() => type.encode({ b: b as unknown as Uint8Array, f }))
        .to.throw(RecordError)
        .with.property('path', '/b')
    }
    expect(() => type.encode({ b: view(0, 1), f: view(0, 3) }))
      .to.throw(RecordError)
      .with.property('path', '/f')
  })

  it('C42: decoded bytes keep their content after the slab is overwritten', () => {
    const encoded = type.encode({ b: view(1, 40), f, map: { a: view(50, 52) } })
    const decoder = new BatchDecoder(type, 'plain', [type as RecordType])
    const { records } = decoder.decode(encoded, Uint32Array.of(encoded.length), 1, new Uint8Array(1))
    encoded.fill(0xee)
    const [record] = records as [Bin]
    expect(record.b).to.deep.equal(Buffer.from(view(1, 40)))
    expect(record.f).to.deep.equal(f)
    expect(record.map?.a).to.deep.equal(Buffer.from(view(50, 52)))
  })

  it('C42: bytes of one record are not memory of another', () => {
    const [one, two] = [1, 2].map(n => type.decode(type.encode({ b: Buffer.alloc(8, n), f }))) as [Bin, Bin]
    one.b.fill(0xee)
    expect(two.b).to.deep.equal(Buffer.alloc(8, 2))
  })

  it('C42: changing a record after it was encoded does not change what is sent', () => {
    const record = { b: Buffer.from('before'), f: Buffer.from([1, 2, 3, 4]), map: { a: view(1, 3).slice() } }
    const { slab, ends } = new BatchEncoder(type as RecordType, 'plain', new SlabPool(), 1000).encode([record, record])
    record.b.write('AFTER!')
    record.f.fill(0)
    record.map.a.fill(0)
    record.map = { a: Buffer.alloc(0) }
    const sent = type.decode(slab.subarray(ends[0], ends[1]))
    expect(sent.b.toString()).to.equal('before')
    expect([...sent.f]).to.deep.equal([1, 2, 3, 4])
    expect(sent.map).to.deep.equal({ a: Buffer.from([1, 2]) })
  })

  it('C42: bytes in a SharedArrayBuffer refuse their whole batch, with the index of the record', () => {
    const shared = { b: new Uint8Array(new SharedArrayBuffer(4)), f }
    const encoder = new BatchEncoder(type as RecordType, 'plain', new SlabPool(), 1000)
    expect(() => encoder.encode([{ b: f, f }, { b: view(1, 3), f }, shared]))
      .to.throw(RecordError, 'SharedArrayBuffer')
      .with.property('index', 2)
  })

  it('C42: views write their own range in every record of a batch, though the slab grows under them', () => {
    const large = new Uint8Array(100_000).map((_, i) => i % 251)
    const batch = Array.from({ length: 5 }, (_, i) => ({ b: large.subarray(i, 60_000 + i), f: view(i, i + 4) }))
    const { slab, ends } = new BatchEncoder(type as RecordType, 'plain', new SlabPool(), 100_000).encode(batch)
    const decoder = new BatchDecoder(type, 'plain', [type as RecordType])
    const { records } = decoder.decode(slab, ends, batch.length, new Uint8Array(batch.length))
    expect(records).to.have.length(5)
    for (const [i, record] of records.entries()) {
      expect(Buffer.compare(record.b, large.subarray(i, 60_000 + i)), `record ${i}`).to.equal(0)
      expect([...record.f]).to.deep.equal([i, i + 1, i + 2, i + 3])
    }
  })
})
