/** The child process of one measurement: a client alone in a process of its own, so that its CPU and memory are its own. */
import { cpuMicroseconds, peakMemoryMB, threads } from '../process-figures.js'
import type { Contestant, Measured, Task } from './task.js'

const task = JSON.parse(process.argv[2] ?? '') as Task
const contestants = (await (task.client === 'millrace' ? import('./millrace.js') : import('./node-rdkafka.js'))) as {
  write: Contestant
  read: Contestant
}

let started = 0
let cpuBefore = 0
let measured: Measured | undefined
const sum = await contestants[task.op](task, {
  start() {
    cpuBefore = cpuMicroseconds()
    started = performance.now()
  },
  stop() {
    const seconds = (performance.now() - started) / 1000
    measured = {
      seconds,
      cpuMicroseconds: cpuMicroseconds() - cpuBefore,
      peakMemoryMB: peakMemoryMB(),
      threads: threads()
    }
  }
})
process.send?.({ ...measured, ...(sum === undefined ? {} : { sum }) })
process.disconnect?.()
