import type { Client } from 'ldapts'

export interface SlapdServer {
  /** adds LDIF while it does not run */
  load(ldif: string): Promise<void>
  asRoot(work: (client: Client) => Promise<unknown>): Promise<void>
  start(): Promise<void>
  end(): Promise<void>
  stop(): Promise<void>
  freeze(): Promise<void>
  thaw(): void
  /** PEM file of the certificate that vouches for it */
  ca: string
  suffix: string
  bindDn: string
  password: string
  url: string
  secureUrl: string
}

export function startSlapd(): Promise<SlapdServer>
