/** @returns the error that a promise rejects with @throws when it resolves */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error as Error
  }
  throw new Error(`expected a rejection, but it resolved with ${String(value)}`)
}
