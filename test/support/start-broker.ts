/** Starts a real broker, tells its process id, and stays until it is killed. */
import { ApacheBroker } from 'millrace/testing'

const broker = await ApacheBroker.start()
process.send?.(broker.pid)
setInterval(() => undefined, 60_000)
