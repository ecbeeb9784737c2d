/**
 * Connections that cannot come about however often they are tried: librdkafka goes on trying, and tells of it in its log
 * alone. An end that opens need not wait for its deadline then.
 */
import { BrokerError } from '../errors.js'
import { code } from './broker-error.js'

const SASL = /SASL authentication (?:error: (?!SaslAuthenticateRe)|failure: )|Failed to initialize SASL authentication/
const MECHANISM = /SASL \S+ mechanism handshake failed: Broker: Unsupported SASL mechanism/
/**
 * Not a handshake that was cut: a broker that stops does that, or a balancer of load in front of one that is not there.
 * librdkafka takes it for a lost connection as well. With `debug` the place in OpenSSL's source stands before its error.
 */
const TLS =
  /SSL handshake failed: (?!Disconnected).*error:|Failed to verify broker certificate|Broker did not provide a certificate/
const UNVERIFIED = /certificate verify failed|Failed to verify broker certificate/
/** A TLS listener does so with what is no TLS, a plain one with TLS, and one that wants SASL with who does not authenticate. */
const CLOSED_AT_ONCE = /Disconnected.* in state (?:APIVERSION_QUERY|SSL_HANDSHAKE|UP)/

/** librdkafka's names of the brokers that it was given, as it begins its messages: `sasl_ssl://host:9092/bootstrap`. */
const BOOTSTRAP = /^(?:\w+:\/\/)?(\S+)\/bootstrap: /

/** What the log tells of the addresses that a client was given. */
export class Refusals {
  readonly #addresses: number
  readonly #refused = new Set<string>()

  constructor(private readonly servers: string) {
    this.#addresses = new Set(servers.split(',').map(server => server.trim())).size
  }

  /**
   * @param reason - what librdkafka logged, without its thread
   * @returns the error when all of the addresses have refused; one that is away may come back
   */
  take(reason: string): BrokerError | undefined {
    const kafkaCode = refusalOf(reason)
    const [, address] = BOOTSTRAP.exec(reason) ?? []
    if (kafkaCode === undefined || address === undefined) return undefined
    this.#refused.add(address)
    if (this.#refused.size < this.#addresses) return undefined
    return new BrokerError(`connecting to a broker at ${this.servers}: ${reason}${cure(kafkaCode, reason)}`, kafkaCode)
  }
}

/** @returns librdkafka's number of the error, where a try more changes nothing */
function refusalOf(reason: string): number | undefined {
  if (TLS.test(reason)) return code.ssl
  return SASL.test(reason) || MECHANISM.test(reason) ? code.authentication : undefined
}

function cure(kafkaCode: number, reason: string): string {
  if (kafkaCode === code.authentication) {
    return "; look at 'sasl.mechanisms', 'sasl.username' and 'sasl.password' in channelConfig"
  }
  if (!UNVERIFIED.test(reason)) return ''
  const [, address = ''] = BOOTSTRAP.exec(reason) ?? []
  return (
    `; the broker's certificate is of no CA in 'ssl.ca.location', or is not made out to '${address.replace(/:\d+$/, '')}', ` +
    'the name that it was called by, or its time is over'
  )
}

/** What librdkafka leaves out, where it does not know it for sure. */
export function guess(reason: string, protocol: unknown = 'plaintext'): string {
  if (!CLOSED_AT_ONCE.test(reason)) return reason
  return `${reason}; does the broker want another 'security.protocol' than ${String(protocol)}?`
}
