import { join } from 'node:path'
import { privateSocketPath, startChdb } from '@custodia/streams/audit-store'
import type { Config } from '../config.js'
import { startPostgres } from '../record-store/embedded.js'
import { StartError } from './start-error.js'

interface Server {
  ended: Promise<unknown>
  stop(): Promise<void>
}

const pauseMs = 500

/** Keeps a server running until it is told to stop: killing it is an ordinary event. */
class KeptServer {
  /** the running one, or the one that is being opened */
  private server?: Promise<Server>
  private stopping = false

  constructor(
    private readonly name: string,
    private readonly open: () => Promise<Server>,
    private readonly say: (line: string) => void,
  ) {}

  async start(): Promise<void> {
    try {
      await this.openAndWatch()
    } catch (cause) {
      throw new StartError(cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }

  /** Waits for one that is being opened: what is half started must not be left behind. */
  async stop(): Promise<void> {
    this.stopping = true
    const server = await this.server?.catch(() => undefined)
    await server?.stop()
  }

  private async openAndWatch(): Promise<void> {
    this.server = this.open()
    const server = await this.server
    void server.ended.then(() => this.reopen())
  }

  private async reopen(): Promise<void> {
    while (!this.stopping) {
      this.say(`${this.name} ended and is started again`)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      if (this.stopping) return
      try {
        return await this.openAndWatch()
      } catch (error) {
        this.say(`${this.name} could not be started: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
}

export interface ServersOptions {
  say: (line: string) => void
  /** started again, PostgreSQL listens at another place: where the data directory's path is too long for a socket */
  onPostgresMoved: () => void
}

/** The two servers that a single machine lacks, unless the configuration names real ones. */
export function embeddedServers(config: Config, { say, onPostgresMoved }: ServersOptions): KeptServer[] {
  let place: string | undefined
  const postgres = new KeptServer(
    'PostgreSQL',
    async () => {
      const server = await startPostgres({ dataDir: join(config.dataDir, 'postgres'), runDir: config.postgresRunDir })
      if (place !== undefined && place !== server.connection.host) onPostgresMoved()
      place = server.connection.host
      return { ended: server.done, stop: () => server.stop() }
    },
    say,
  )
  const clickhouse = new KeptServer(
    'ClickHouse',
    async () => {
      const server = await startChdb({
        dataDir: join(config.dataDir, 'clickhouse'),
        socketPath: privateSocketPath(config.dataDir, 'audit.sock'),
      })
      return { ended: server.exited, stop: () => server.stop() }
    },
    say,
  )
  return [...(config.postgresUrl ? [] : [postgres]), ...(config.clickhouseUrl ? [] : [clickhouse])]
}
