// A user's CommonJS module in TypeScript. Compiled, never run.
import millrace = require('millrace')

const codes: readonly millrace.ErrorCode[] = millrace.errorCodes
const isOurs = (error: unknown): boolean => error instanceof millrace.MillraceError

export = { codes, isOurs }
