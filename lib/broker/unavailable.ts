/** A kind of broker that cannot run here. */
import { MillraceError } from '../errors.js'

/** What is missing, such as Java, Maven or Docker; the next kind in the chain may work. */
export class BrokerUnavailableError extends MillraceError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_MILLRACE_BROKER_UNAVAILABLE', message, options)
  }
}
