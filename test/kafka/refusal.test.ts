import { expect } from 'chai'
import { guess, Refusals } from '../../lib/kafka/refusal.js'

const at = (address: string, said: string): string => `sasl_ssl://${address}/bootstrap: ${said} (after 5ms in state X)`
const password = 'SASL authentication error: Authentication failed: Invalid username or password'
const mechanism =
  "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: X"
const unverified = 'SSL handshake failed: error:0A000086:SSL routines::certificate verify failed'
const withSource =
  'SSL handshake failed: ../ssl/statem/statem_clnt.c:1889:f: error:0A000086:SSL routines::certificate verify failed'

describe('refused connections', () => {
  it('are those that say so for good, with the number of what librdkafka calls it', () => {
    for (const [said, kafkaCode, code] of [
      [password, -169, 'ERR_MILLRACE_AUTHENTICATION'],
      [mechanism, -169, 'ERR_MILLRACE_AUTHENTICATION'],
      [unverified, -181, 'ERR_MILLRACE_TLS'],
      [withSource, -181, 'ERR_MILLRACE_TLS']
    ] as const) {
      const error = new Refusals('host:1').take(at('host:1', said))
      expect(error, said).to.include({ kafkaCode, code, isRetriable: false })
      expect(error?.message).to.contain('host:1').and.contain(said)
    }
  })

  it('are not those that were cut, timed out, or found nobody', () => {
    for (const said of [
      'Connect to ipv4#127.0.0.1:1 failed: Connection refused',
      'SSL handshake failed: Disconnected: connection closed by peer: connecting to a PLAINTEXT broker listener?',
      'SASL authentication error: SaslAuthenticateRequest failed: Local: Timed out',
      'SASL PLAIN mechanism handshake failed: Local: Timed out: broker’s supported mechanisms: (n/a)',
      'Disconnected: connection closed by peer: receive 0 after POLLIN'
    ]) {
      expect(new Refusals('host:1').take(at('host:1', said)), said).to.equal(undefined)
    }
  })

  it('are one only when all of the addresses have refused, each however often', () => {
    const refusals = new Refusals('a:1, b:1,a:1')
    expect(refusals.take(at('a:1', password))).to.equal(undefined)
    expect(refusals.take(at('a:1', unverified))).to.equal(undefined)
    expect(refusals.take('sasl_ssl://c:1/7: SASL authentication error: told by another')).to.equal(undefined)
    expect(refusals.take(at('b:1', password))).to.have.property('code', 'ERR_MILLRACE_AUTHENTICATION')
  })

  it('are guessed at where a broker hangs up before it has answered', () => {
    const cut = 'host:1/bootstrap: Disconnected: connection closed by peer (after 1ms in state APIVERSION_QUERY)'
    expect(guess(cut)).to.contain(cut).and.contain("another 'security.protocol' than plaintext")
    expect(guess(cut, 'ssl')).to.contain("another 'security.protocol' than ssl")
    const refused = 'host:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused'
    expect(guess(refused)).to.equal(refused)
  })
})
