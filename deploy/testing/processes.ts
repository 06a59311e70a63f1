import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FoundProcess {
  pid: number
  command: string
}

/** Every process that works on a data directory: its arguments or its environment name the directory. */
export function processesOn(dataDir: string): FoundProcess[] {
  return everyProcess()
    .filter(({ text }) => text.includes(dataDir))
    .map(({ pid, command }) => ({ pid, command }))
}

/** The one whose command line matches. */
export function processOn(dataDir: string, command: RegExp): FoundProcess | undefined {
  return processesOn(dataDir).find((found) => command.test(found.command))
}

/** Resolves when none is left; the test's time limit is the bound. */
export async function untilNoneOn(dataDir: string): Promise<void> {
  while (processesOn(dataDir).length) await sleep(50)
}

/** Processes that this one started, and theirs; of those, the ones whose command line matches. Linux only. */
export function descendantsOf(pid: number, command = /./): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // after the command's name, which may hold anything but is in brackets: state, parent, …
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
        return [{ pid: Number(name), parent: Number(parent), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }]
      } catch {
        return [] // it ended meanwhile
      }
    })
  const below = (of: number): typeof parents =>
    parents.filter(({ parent }) => parent === of).flatMap((child) => [child, ...below(child.pid)])
  return below(pid)
    .filter((child) => command.test(child.command))
    .map((child) => child.pid)
}

function everyProcess(): (FoundProcess & { text: string })[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n')
    return lines.map((line) => ({ pid: Number.parseInt(line), command: line, text: line }))
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return [{ pid: Number(name), command, text: command + readFileSync(`/proc/${name}/environ`, 'utf8') }]
    } catch {
      return [] // it ended meanwhile, or is somebody else's
    }
  })
}
