import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { privateSocketPath, startChdb } from '../../streams/src/audit-store/index.js'

export interface ClickHouseStandIn {
  /** `host:port` */
  address: string
  stop(): Promise<void>
}

/** The embedded engine where a ClickHouse server would be: on a port, for one user with a password. Only tests use it so. */
export async function startClickHouseStandIn(
  dataDir: string,
  user: string,
  password: string,
): Promise<ClickHouseStandIn> {
  const socketPath = privateSocketPath(dataDir, 'audit.sock')
  const engine = await startChdb({ dataDir, socketPath })
  const wanted = Buffer.from(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
  const server = createServer((asked, answer) => {
    const shown = Buffer.from(asked.headers.authorization ?? '')
    if (asked.url !== '/ping' && (shown.length !== wanted.length || !timingSafeEqual(shown, wanted))) {
      asked.resume()
      return void answer
        .writeHead(403, { 'x-clickhouse-exception-code': '516' })
        .end('Code: 516. Authentication failed.\n')
    }
    const { method, url, headers } = asked
    const passed = request({ socketPath, method, path: url, headers }, (result) => {
      answer.writeHead(result.statusCode ?? 502, result.headers)
      result.pipe(answer)
    })
    passed.once('error', () => answer.destroy())
    asked.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await engine.stop()
    },
  }
}
