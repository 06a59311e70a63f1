import { readdirSync, readFileSync } from 'node:fs'

// Linux only, as the servers that come out of npm are: /proc tells what every process takes.
const read = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return undefined // ended meanwhile
  }
}
const ticksPerSecond = 100

/** Fields of `stat` after the name, which may hold anything. */
const statOf = (pid) =>
  read(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ')
const parentOf = (pid) => Number(statOf(pid)?.[1])

/** A process and all that descend from it. */
export function familyOf(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map(all.map((name) => [Number(name), parentOf(name)]))
  const family = new Set([pid])
  for (let grown = true; grown;) {
    grown = false
    for (const [child, parent] of parents)
      if (family.has(parent) && !family.has(child)) {
        family.add(child)
        grown = true
      }
  }
  return [...family]
}

/** What the processes of a system are, by what they were started with. */
export function partsOf(supervisor) {
  const parts = { gateway: [], streams: [], 'audit store (chdb)': [], PostgreSQL: [], supervisor: [supervisor] }
  for (const pid of familyOf(supervisor)) {
    const command = read(pid, 'cmdline') ?? ''
    if (pid === supervisor) continue
    if (/backend.dist.main\.js/.test(command)) parts.gateway.push(pid)
    else if (/streams.dist.main\.js/.test(command)) parts.streams.push(pid)
    else if (/audit-store.server/.test(command)) parts['audit store (chdb)'].push(pid)
    else if (/postgres/.test(command)) parts.PostgreSQL.push(pid)
  }
  return parts
}

/** Milliseconds of CPU that the processes have used, all threads, system time included. */
export const cpuOf = (pids) =>
  pids.reduce((sum, pid) => {
    const stat = statOf(pid)
    return stat ? sum + ((Number(stat[11]) + Number(stat[12])) * 1000) / ticksPerSecond : sum
  }, 0)

/** Megabytes: a lone process's resident set; of several that share memory, each its share of what it shares. */
export function memoryOf(pids) {
  const of = (pid) =>
    pids.length > 1
      ? /^Pss:\s+(\d+)/m.exec(read(pid, 'smaps_rollup') ?? '')
      : /^VmRSS:\s+(\d+)/m.exec(read(pid, 'status') ?? '')
  return pids.reduce((sum, pid) => sum + Number(of(pid)?.[1] ?? 0) / 1024, 0)
}
