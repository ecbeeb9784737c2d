/** Certificates for a broker that speaks TLS, made with the `openssl` command. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BrokerUnavailableError } from 'millrace/testing'

/** Files in PEM, in a folder that `remove` removes. */
export interface Certificates {
  readonly ca: string
  /** Of somebody who has signed nothing here. */
  readonly foreignCa: string
  /** The broker's key, its certificate, and the CA's: in the order in which Kafka wants them. */
  readonly broker: string
  remove(): Promise<void>
}

const aKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/**
 * @param host - the only name of the broker that its certificate has
 * @throws BrokerUnavailableError when there is no `openssl` here
 */
export async function makeCertificates(host: string): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-tls-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const openssl = async (...args: string[]): Promise<unknown> =>
    await promisify(execFile)('openssl', args, { cwd: folder })
  const ca = (name: string): Promise<unknown> => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
    return openssl('req', '-x509', ...aKey, ...files, '-days', '2', '-subj', `/CN=millrace test ${name}`)
  }
  try {
    await ca('ca')
    await ca('foreign-ca')
    await openssl('req', ...aKey, '-keyout', 'broker.key', '-out', 'broker.csr', '-subj', '/CN=broker')
    await writeFile(join(folder, 'broker.ext'), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`)
    const signed = ['-in', 'broker.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
    await openssl('x509', '-req', ...signed, '-days', '2', '-extfile', 'broker.ext', '-out', 'broker.crt')
    const parts = ['broker.key', 'broker.crt', 'ca.pem'].map(name => readFile(join(folder, name)))
    await writeFile(join(folder, 'broker.pem'), Buffer.concat(await Promise.all(parts)))
  } catch (cause) {
    await remove()
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new BrokerUnavailableError('a secured Kafka needs the command openssl, and there is none here', { cause })
  }
  return {
    ca: join(folder, 'ca.pem'),
    foreignCa: join(folder, 'foreign-ca.pem'),
    broker: join(folder, 'broker.pem'),
    remove
  }
}
