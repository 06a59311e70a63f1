import { join } from 'node:path'
import { open } from 'lmdb'

/** Keeps the write lock of an embedded log, again and again: node hold-log.mjs <directory> <ms held> <ms free> */
const [dir, held, free] = process.argv.slice(2)
const log = open({ path: join(dir, 'log.mdb'), noSubdir: true, maxDbs: 32 })
const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms))
for (let first = true; ; first = false) {
  log.transactionSync(() => {
    if (first) process.send('held')
    pause(held)
  })
  pause(free)
}
