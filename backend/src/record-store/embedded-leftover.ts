import { execFile } from 'node:child_process'
import { readFile, readlink, realpath, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/**
 * Ends the postmaster that an earlier, killed process left running on `dataDir`, and clears its pid file.
 * Returns whether there was such a file. The caller holds the lock of the data directory: whoever runs on it is left over.
 */
export async function endLeftover(dataDir: string): Promise<boolean> {
  const pidFile = join(dataDir, 'postmaster.pid')
  const text = await readFile(pidFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return false
  const pid = Number(text.split('\n', 1)[0])
  if (Number.isInteger(pid) && pid > 1 && (await isPostmasterOf(pid, dataDir))) {
    if (!(await endBySignals(pid))) {
      throw new Error(
        `A PostgreSQL left over from an earlier start (process ${pid}) on ${dataDir} does not end: end it, then start again.`,
      )
    }
  }
  // The number may by now belong to an innocent process, which would keep PostgreSQL from starting.
  await rm(pidFile, { force: true })
  return true
}

async function endBySignals(pid: number): Promise<boolean> {
  for (const [signal, seconds] of [
    ['SIGINT', 10],
    ['SIGQUIT', 5],
  ] as const) {
    signalIfAlive(pid, signal)
    for (let waited = 0; waited < seconds * 1000; waited += 50) {
      if (!signalIfAlive(pid, 0)) return true
      await sleep(50)
    }
  }
  return false
}

function signalIfAlive(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** A postmaster's working directory is its data directory; process numbers are reused, so the number alone proves nothing. */
async function isPostmasterOf(pid: number, dataDir: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      const [program, cwd] = await Promise.all([readlink(`/proc/${pid}/exe`), readlink(`/proc/${pid}/cwd`)])
      // an upgraded installation shows as "postgres (deleted)"
      return basename(program).startsWith('postgres') && cwd === (await realpath(dataDir))
    }
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])
    return stdout.includes('postgres') && stdout.includes(` -D ${dataDir} `)
  } catch {
    return false // it ended meanwhile, or belongs to a user whose processes we may not see
  }
}
