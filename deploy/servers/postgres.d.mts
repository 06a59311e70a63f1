export interface PostgresServer {
  /** the major version */
  version: number
  /** where its programs are */
  bin: string
  createDatabase(name: string): Promise<string>
  securedUrlOf(database: string): string
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
}

export function startPostgres(): Promise<PostgresServer>
