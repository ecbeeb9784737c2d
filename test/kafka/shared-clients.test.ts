import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { SharedClients } from '../../lib/kafka/shared-clients.js'
import { rejection } from '../support/rejection.js'

class FakeClient {
  closed = 0

  close(): Promise<void> {
    this.closed++
    return Promise.resolve()
  }
}

describe('SharedClients', () => {
  let clients: SharedClients<FakeClient>
  let connects: number
  beforeEach(() => {
    clients = new SharedClients()
    connects = 0
  })
  const connect = (): Promise<FakeClient> => {
    connects++
    return Promise.resolve(new FakeClient())
  }

  it('connects once for all who ask at the same time', async () => {
    const leases = await Promise.all([1, 2, 3].map(() => clients.lease('a', connect)))
    expect(connects).to.equal(1)
    expect(new Set(leases.map(({ client }) => client)).size).to.equal(1)
    expect(clients.size).to.equal(1)
  })

  it('gives clients of different keys to different keys', async () => {
    const [a, b] = await Promise.all([clients.lease('a', connect), clients.lease('b', connect)])
    expect(a.client).to.not.equal(b.client)
    expect(clients.size).to.equal(2)
  })

  it('closes the client when the last hold is given back, not before', async () => {
    const [a, b] = await Promise.all([clients.lease('a', connect), clients.lease('a', connect)])
    await a.release()
    expect(a.client.closed).to.equal(0)
    await b.release()
    expect(a.client.closed).to.equal(1)
    expect(clients.size).to.equal(0)
  })

  it('counts a hold that is given back twice once', async () => {
    const [a, b] = await Promise.all([clients.lease('a', connect), clients.lease('a', connect)])
    await Promise.all([a.release(), a.release()])
    expect(a.client.closed).to.equal(0)
    await b.release()
    expect(a.client.closed).to.equal(1)
  })

  it('counts one that still waits for the client as its user', async () => {
    const first = await clients.lease('a', connect)
    const second = clients.lease('a', connect)
    await first.release()
    expect((await second).client.closed).to.equal(0)
  })

  it('connects anew after the last hold was given back', async () => {
    const first = await clients.lease('a', connect)
    const closing = first.release()
    const second = await clients.lease('a', connect)
    await closing
    expect(second.client).to.not.equal(first.client)
    expect(second.client.closed).to.equal(0)
  })

  it('does not keep a client that could not be connected', async () => {
    const cause = new Error('no broker')
    expect(await rejection(clients.lease('a', () => Promise.reject(cause)))).to.equal(cause)
    expect(clients.size).to.equal(0)
    expect((await clients.lease('a', connect)).client).to.be.instanceOf(FakeClient)
  })

  it('lets the next of those who wait connect when the first has failed', async () => {
    const cause = new Error('deadline of the first')
    const first = rejection(clients.lease('a', () => Promise.reject(cause)))
    const others = Promise.all([clients.lease('a', connect), clients.lease('a', connect)])
    expect(await first).to.equal(cause)
    const [second, third] = await others
    expect(second.client).to.equal(third.client)
    expect(connects).to.equal(1)
    await second.release()
    expect(second.client.closed).to.equal(0)
    await third.release()
    expect(second.client.closed).to.equal(1)
  })

  it('fails for each who waits when none of them can connect', async () => {
    const causes = [1, 2, 3].map(n => new Error(`failure ${n}`))
    const errors = await Promise.all(causes.map(cause => rejection(clients.lease('a', () => Promise.reject(cause)))))
    expect(errors).to.deep.equal(causes)
    expect(clients.size).to.equal(0)
  })

  it('gives the next who asks a new client once one was replaced, and leaves it to those who have it', async () => {
    const broken = await clients.lease('a', connect)
    clients.replace(broken.client)
    await turn()
    const fresh = await clients.lease('a', connect)
    expect(fresh.client).to.not.equal(broken.client)
    expect(broken.client.closed).to.equal(0)
    await broken.release()
    expect(broken.client.closed).to.equal(1)
    expect(fresh.client.closed).to.equal(0)
    expect((await clients.lease('a', connect)).client).to.equal(fresh.client)
  })

  it('replaces no other client', async () => {
    const [a, b] = await Promise.all([clients.lease('a', connect), clients.lease('b', connect)])
    clients.replace(b.client)
    await turn()
    expect((await clients.lease('a', connect)).client).to.equal(a.client)
  })
})
