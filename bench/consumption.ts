/** What processes have used, as Linux counts it. Threads that have ended are counted too. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const tickMs = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

export type Consumption = {
  /** Wall time. */
  readonly ms: number
  /** User and system time of all threads of the process, in steps of a tick, mostly 10 ms. */
  readonly cpuMs: number
  /** How many cores others kept busy, beside that process and this one. */
  readonly othersCores: number
}

/** From here to the call of what it returns. */
export function measureConsumption(pid: number): () => Consumption {
  const before = { at: performance.now(), cpuMs: cpuMsOf(pid), allMs: allCpuMs() }
  const own = process.cpuUsage()
  return () => {
    const ms = performance.now() - before.at
    const cpuMs = cpuMsOf(pid) - before.cpuMs
    const { user, system } = process.cpuUsage(own)
    const othersMs = allCpuMs() - before.allMs - cpuMs - (user + system) / 1000
    return { ms, cpuMs, othersCores: Math.max(0, othersMs / ms) }
  }
}

/** Resident memory in megabytes (10⁶ bytes). */
export function rssMegabytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  return (Number(kibibytes) * 1024) / 1e6
}

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field, the name, may have blanks; behind it the 12th and 13th are the times.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** What the machine did not idle away; stolen by its host counts too. */
function allCpuMs(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + interrupts + soft + stolen) * tickMs
}
