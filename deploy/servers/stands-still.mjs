import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Resolves when no thread of a process runs any more: SIGSTOP has returned before the last of them has heard of it, and one
 * that waits for a socket still answers what comes at once.
 */
export const standsStill = async (pid) => {
  const tasks = `/proc/${pid}/task`
  const state = async (task) => {
    const stat = await readFile(join(tasks, task, 'stat'), 'latin1').catch(() => ') X')
    return stat.slice(stat.lastIndexOf(')') + 2)[0]
  }
  while (!(await Promise.all((await readdir(tasks)).map(state))).every((each) => 'TtZX'.includes(each))) await sleep(1)
}
