import { writeSync } from 'node:fs'

let underWay = 0
let watching = false

/**
 * A process that ends waits for its threads, and the thread that writes waits for a word of the process: with a write under
 * way it would never end, and keep the log's only write lock from all the others. So it ends as by a power cut instead;
 * LMDB takes the lock back and undoes what was half written.
 */
export async function whileWriting<T>(write: () => Promise<T>): Promise<T> {
  if (!watching) watch()
  underWay++
  try {
    return await write()
  } finally {
    underWay--
  }
}

function watch(): void {
  watching = true
  process.on('exit', () => {
    if (underWay > 0) process.kill(process.pid, 'SIGKILL')
  })
  // Node says why it ends only after that.
  process.on('uncaughtExceptionMonitor', (error) => {
    if (underWay > 0) writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`)
  })
}
