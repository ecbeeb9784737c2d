/**
 * A real Kafka with a secured listener beside the plain one: SASL over TLS for clients, who may do nothing that no ACL
 * allows. The plain one stays for the tests' own administration, as a super user.
 */
import { randomUUID } from 'node:crypto'
import type { KafkaSettings } from 'millrace'
import { ApacheBroker, type ApacheNode } from 'millrace/testing'
import { freePorts } from '../../lib/broker/free-ports.js'
import { addUser, allow, type Right } from './access.js'
import { type Certificates, makeCertificates } from './certificates.js'

const HOST = 'localhost'
const loginModules = 'org.apache.kafka.common.security'

/** Somebody who can authenticate. */
export interface User {
  readonly name: string
  readonly password: string
  /** A client's `channelConfig`. */
  readonly settings: KafkaSettings
}

export class SecureBroker {
  /** Who authenticates by SASL PLAIN. */
  readonly plainUser: User

  private constructor(
    readonly broker: ApacheBroker,
    readonly certificates: Certificates,
    readonly port: number,
    plainPassword: string
  ) {
    const settings = { ...this.#tls, 'sasl.mechanisms': 'PLAIN', 'sasl.username': 'plain' }
    this.plainUser = { name: 'plain', password: plainPassword, settings: withPassword(settings, plainPassword) }
  }

  /** @throws BrokerUnavailableError when Java, Maven or openssl are missing */
  static async start(): Promise<SecureBroker> {
    const certificates = await makeCertificates(HOST)
    const plainPassword = randomUUID()
    let port = 0
    const properties = async (node: ApacheNode): Promise<Record<string, string>> => {
      port = (await freePorts(1))[0] as number
      return secured(node, port, certificates.broker, plainPassword)
    }
    try {
      return new SecureBroker(await ApacheBroker.start({ properties }), certificates, port, plainPassword)
    } catch (error) {
      await certificates.remove()
      throw error
    }
  }

  /** Of the secured listener, by the name that its certificate has. */
  get location(): string {
    return `${HOST}:${this.port}`
  }

  /** Somebody new, by SASL SCRAM, who may do so much and no more. */
  async user(...rights: readonly Right[]): Promise<User> {
    const [name, password] = [`user-${randomUUID()}`, randomUUID()]
    await addUser(this.broker, name, password)
    // The broker learns all in one order: who has the right has the password. So everybody has one.
    await allow(this.broker, name, [...rights, { operations: ['Describe'], on: 'topic', name: `only-of-${name}` }])
    const settings = { ...this.#tls, 'sasl.mechanisms': 'SCRAM-SHA-512', 'sasl.username': name }
    return { name, password, settings: withPassword(settings, password) }
  }

  async close(): Promise<void> {
    await this.broker.close()
    await this.certificates.remove()
  }

  get #tls(): KafkaSettings {
    // The broker listens at 127.0.0.1 alone, and a name may be ::1 as well.
    return {
      'security.protocol': 'sasl_ssl',
      'ssl.ca.location': this.certificates.ca,
      'broker.address.family': 'v4'
    }
  }
}

function withPassword(settings: KafkaSettings, password: string): KafkaSettings {
  return { ...settings, 'sasl.password': password }
}

function secured({ port, controllerPort }: ApacheNode, securePort: number, pem: string, plain: string) {
  return {
    listeners: `CLIENT://127.0.0.1:${port},SECURE://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${port},SECURE://${HOST}:${securePort}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'listener.name.secure.ssl.keystore.type': 'PEM',
    'listener.name.secure.ssl.keystore.location': pem,
    'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    'listener.name.secure.scram-sha-512.sasl.jaas.config': `${loginModules}.scram.ScramLoginModule required;`,
    'listener.name.secure.plain.sasl.jaas.config': `${loginModules}.plain.PlainLoginModule required user_plain="${plain}";`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'false',
    // Of the plain listeners: the broker itself, and the tests.
    'super.users': 'User:ANONYMOUS'
  }
}
