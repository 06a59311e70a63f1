import { Agent } from 'node:http'
import { connect } from 'node:net'
import type { ClickHouseClientConfigOptions } from '@clickhouse/client'

/** A server by `url`, which may name user, password and database; the embedded process by `socketPath`. */
export type ClickHousePlace = { url: string } | { socketPath: string }

class UnixSocketAgent extends Agent {
  constructor(private readonly socketPath: string) {
    super({ keepAlive: true, maxSockets: 64 })
  }

  override createConnection(): ReturnType<typeof connect> {
    return connect(this.socketPath)
  }
}

/** How @clickhouse/client reaches it. */
export const connectionOf = (place: ClickHousePlace): Pick<ClickHouseClientConfigOptions, 'url' | 'http_agent'> =>
  'url' in place ? { url: place.url } : { url: 'http://localhost', http_agent: new UnixSocketAgent(place.socketPath) }
