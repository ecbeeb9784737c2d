/** Several shared clients at once: connecting takes a few turns with a broker, and they need not wait for each other. */
import type { Lease } from '../kafka/index.js'

type Leases<Leasing extends readonly Promise<Lease<unknown> | undefined>[]> = {
  readonly [I in keyof Leasing]: Awaited<Leasing[I]>
}

/** Resolves when all are there; for none, undefined. When one fails, those that come are given back. */
export async function leaseAll<const Leasing extends readonly Promise<Lease<unknown> | undefined>[]>(
  ...leasing: Leasing
): Promise<Leases<Leasing>> {
  try {
    return (await Promise.all(leasing)) as Leases<Leasing>
  } catch (error) {
    for (const one of leasing) {
      one.then(
        lease => lease?.release(),
        () => undefined
      )
    }
    throw error
  }
}
