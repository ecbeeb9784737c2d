import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { BrokerError, TimeoutError } from 'millrace'
import { Deadline } from '../../lib/deadline.js'
import { type Connect, type Lease, SharedClients } from '../../lib/kafka/shared-clients.js'
import { within } from '../support/raw.js'
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

  const lease = (
    key: string,
    connectBy: Connect<FakeClient> = connect,
    deadline = within()
  ): Promise<Lease<FakeClient>> => clients.lease(key, 'broker.invalid:9092', connectBy, deadline)

  it('connects once for all who ask at the same time', async () => {
    const leases = await Promise.all([1, 2, 3].map(() => lease('a')))
    expect(connects).to.equal(1)
    expect(new Set(leases.map(({ client }) => client)).size).to.equal(1)
    expect(clients.size).to.equal(1)
  })

  it('gives clients of different keys to different keys', async () => {
    const [a, b] = await Promise.all([lease('a'), lease('b')])
    expect(a.client).to.not.equal(b.client)
    expect(clients.size).to.equal(2)
  })

  it('closes the client when the last hold is given back, not before', async () => {
    const [a, b] = await Promise.all([lease('a'), lease('a')])
    await a.release()
    expect(a.client.closed).to.equal(0)
    await b.release()
    expect(a.client.closed).to.equal(1)
    expect(clients.size).to.equal(0)
  })

  it('counts a hold that is given back twice once', async () => {
    const [a, b] = await Promise.all([lease('a'), lease('a')])
    await Promise.all([a.release(), a.release()])
    expect(a.client.closed).to.equal(0)
    await b.release()
    expect(a.client.closed).to.equal(1)
  })

  it('counts one that still waits for the client as its user', async () => {
    const first = await lease('a')
    const second = lease('a')
    await first.release()
    expect((await second).client.closed).to.equal(0)
  })

  it('connects anew after the last hold was given back', async () => {
    const first = await lease('a')
    const closing = first.release()
    const second = await lease('a')
    await closing
    expect(second.client).to.not.equal(first.client)
    expect(second.client.closed).to.equal(0)
  })

  it('C24: does not keep a client that could not be connected', async () => {
    const cause = new Error('no broker')
    expect(await rejection(lease('a', () => Promise.reject(cause)))).to.equal(cause)
    expect(clients.size).to.equal(0)
    expect((await lease('a')).client).to.be.instanceOf(FakeClient)
  })

  it('lets the next of those who wait connect when the first has failed', async () => {
    const cause = new Error('deadline of the first')
    const first = rejection(lease('a', () => Promise.reject(cause)))
    const others = Promise.all([lease('a'), lease('a')])
    expect(await first).to.equal(cause)
    const [second, third] = await others
    expect(second.client).to.equal(third.client)
    expect(connects).to.equal(1)
    await second.release()
    expect(second.client.closed).to.equal(0)
    await third.release()
    expect(second.client.closed).to.equal(1)
  })

  it('one who waits for the connection of another does so within its own deadline and signal only', async () => {
    const hanging = new Promise<FakeClient>(() => undefined)
    void lease('a', () => hanging)
    const late = await rejection(lease('a', connect, new Deadline({ timeoutMs: 20 }, 1)))
    expect(late).to.be.instanceOf(TimeoutError)
    const abort = new AbortController()
    const aborted = rejection(lease('a', connect, new Deadline({ signal: abort.signal }, 60_000)))
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await aborted).to.equal(reason)
    expect(connects).to.equal(0)
  })

  it('C21: one who waits for the connection of another tells at its deadline why there is none', async () => {
    const hanging = (tell: (reason: string) => void): Promise<FakeClient> => {
      tell('Connection refused')
      return new Promise(() => undefined)
    }
    void lease('a', hanging)
    const error = await rejection(lease('a', connect, new Deadline({ timeoutMs: 20 }, 1)))
    expect(error.message).to.contain('already connects (Connection refused)')
    expect(connects).to.equal(0)
  })

  it('C21: and so when the other gave up and too little time is left to begin anew', async () => {
    const failing = (tell: (reason: string) => void): Promise<FakeClient> => {
      tell('Connection refused')
      return Promise.reject(new TimeoutError('a broker', 20))
    }
    void rejection(lease('a', failing))
    const error = await rejection(lease('a', connect, new Deadline({ timeoutMs: 20 }, 1)))
    expect(error).to.be.instanceOf(TimeoutError)
    expect(error.message).to.contain('already connects (Connection refused)')
    expect(connects).to.equal(0)
  })

  it('one who stopped waiting holds nothing: the client is closed when the others have given it back', async () => {
    let connected = (_client: FakeClient): void => undefined
    const first = lease('a', () => new Promise(resolve => (connected = resolve)))
    await rejection(lease('a', connect, new Deadline({ timeoutMs: 5 }, 1)))
    const client = new FakeClient()
    connected(client)
    await (await first).release()
    expect(client.closed).to.equal(1)
    expect(clients.size).to.equal(0)
  })

  it('one whose time is over tries nothing anew when the other has failed, and tells why that failed', async () => {
    const cause = new Error('no broker')
    const abort = new AbortController()
    const first = rejection(lease('a', () => Promise.reject(cause)))
    const second = rejection(lease('a', connect, new Deadline({ signal: abort.signal }, 60_000)))
    abort.abort(new Error('enough'))
    expect(await first).to.equal(cause)
    expect((await second).message).to.equal('enough')
    expect(connects).to.equal(0)
  })

  it('fails for each who waits when none of them can connect', async () => {
    const causes = [1, 2, 3].map(n => new Error(`failure ${n}`))
    const errors = await Promise.all(causes.map(cause => rejection(lease('a', () => Promise.reject(cause)))))
    expect(errors).to.deep.equal(causes)
    expect(clients.size).to.equal(0)
  })

  it('gives the next who asks a new client once one was replaced, and leaves it to those who have it', async () => {
    const broken = await lease('a')
    clients.replace(broken.client)
    await turn()
    const fresh = await lease('a')
    expect(fresh.client).to.not.equal(broken.client)
    expect(broken.client.closed).to.equal(0)
    await broken.release()
    expect(broken.client.closed).to.equal(1)
    expect(fresh.client.closed).to.equal(0)
    expect((await lease('a')).client).to.equal(fresh.client)
  })

  it('replaces no other client', async () => {
    const [a, b] = await Promise.all([lease('a'), lease('b')])
    clients.replace(b.client)
    await turn()
    expect((await lease('a')).client).to.equal(a.client)
  })

  it('tells all who wait what the brokers refuse: they would refuse the next one as well', async () => {
    const refuse = (): Promise<FakeClient> => {
      connects++
      return Promise.reject(new BrokerError('no', -169))
    }
    const errors = await Promise.all([1, 2, 3].map(() => rejection(lease('a', refuse))))
    for (const error of errors) expect(error).to.have.property('code', 'ERR_MILLRACE_AUTHENTICATION')
    expect([connects, clients.size]).to.deep.equal([1, 0])
  })
})
