import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { Engine } from './engine.js'
import { createHttpServer } from './http.js'
import type { StartMessage } from './start.js'

/**
 * The embedded audit store: chdb behind ClickHouse's HTTP interface on a Unix socket, in a process of its own.
 * `node main.js --data <dir> --socket <path>`. Started with an IPC channel it tells its parent when it is ready, and ends
 * with its parent.
 */
const serve = async (): Promise<void> => {
  process.umask(0o077)
  const { values } = parseArgs({ options: { data: { type: 'string' }, socket: { type: 'string' } } })
  const { data, socket } = values
  if (!data || !socket) throw new Error('Say where: --data <directory> --socket <path>.')
  const engine = Engine.open(data)
  const server = createHttpServer(engine)
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 })
  rmSync(socket, { force: true }) // left by a killed process: whoever holds the directory's lock owns the socket too
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  chmodSync(socket, 0o600)

  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    server.close(() => void engine.close().finally(() => process.exit(0)))
    server.closeIdleConnections()
    setTimeout(() => process.exit(0), 5_000).unref() // a long query does not keep the system from ending
  }
  process.on('SIGTERM', stop)
  if (process.connected) {
    process.on('disconnect', stop)
    process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole group; the parent decides the order
  } else process.on('SIGINT', stop)
  tell({ ready: true })
}

const tell = (message: StartMessage, told: () => void = () => undefined): void => {
  if (process.send) process.send(message, undefined, undefined, told)
  else told()
}

serve().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  tell({ ready: false, reason: error.message }, () => process.exit(1))
})
