import { expect } from 'chai'
import { SharedClients } from '../../lib/kafka/index.js'
import { rejection } from '../support/rejection.js'

class FakeClient {
  isClosed = false
  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

describe('SharedClients', () => {
  const connect = (): Promise<FakeClient> => Promise.resolve(new FakeClient())

  it('gives all who ask for the same key the same client, and closes it with the last', async () => {
    const shared = new SharedClients<FakeClient>()
    const [one, two] = await Promise.all([shared.lease('a', connect), shared.lease('a', connect)])
    const other = await shared.lease('b', connect)
    expect(one.client).to.equal(two.client).and.not.equal(other.client)
    expect(shared.size).to.equal(2)
    await one.release()
    await one.release()
    expect(two.client.isClosed).to.equal(false)
    await two.release()
    expect([two.client.isClosed, shared.size]).to.deep.equal([true, 1])
  })

  it('connects anew for who asks after the last has left', async () => {
    const shared = new SharedClients<FakeClient>()
    const first = await shared.lease('a', connect)
    await first.release()
    expect((await shared.lease('a', connect)).client).not.to.equal(first.client)
  })

  it('a failure is that of the one who connected: the next who waits tries by himself', async () => {
    const shared = new SharedClients<FakeClient>()
    const failing = rejection(shared.lease('a', () => Promise.reject(new Error('my deadline'))))
    const waiting = shared.lease('a', connect)
    expect((await failing).message).to.equal('my deadline')
    expect((await waiting).client).to.be.instanceOf(FakeClient)
    expect(shared.size).to.equal(1)
  })

  it('gives nobody else a client that is replaced, and leaves it to those who have it', async () => {
    const shared = new SharedClients<FakeClient>()
    const broken = await shared.lease('a', connect)
    shared.replace(broken.client)
    await Promise.resolve()
    const next = await shared.lease('a', connect)
    expect(next.client).not.to.equal(broken.client)
    await broken.release()
    expect([broken.client.isClosed, next.client.isClosed, shared.size]).to.deep.equal([true, false, 1])
  })
})
