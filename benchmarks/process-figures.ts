/** What a process has used of the machine. */
import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of all threads, in microseconds. */
export function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** The most resident memory that the process ever had, in MB. */
export function peakMemoryMB(): number {
  const fromKernel = /^VmHWM:\s+(\d+) kB/m.exec(readOrEmpty('/proc/self/status'))
  const kilobytes = fromKernel ? Number(fromKernel[1]) : process.resourceUsage().maxRSS
  return Math.round(kilobytes / 1024)
}

/** Threads at this moment; `null` where the system does not tell. */
export function threads(): number | null {
  try {
    return readdirSync('/proc/self/task').length
  } catch {
    return null
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
