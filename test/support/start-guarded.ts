/** Starts a guarded process, tells its process id, and stays until it is killed. */
import { guardedProcess } from '../../lib/broker/guarded-process.js'

const folder = process.argv[2] as string
const { pid } = await guardedProcess(['sleep', '600'], `${folder}/log`, folder)
process.send?.(pid)
setInterval(() => undefined, 60_000)
