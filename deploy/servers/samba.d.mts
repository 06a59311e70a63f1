import type { Client } from 'ldapts'

export interface SambaServer {
  /** as the domain's administrator */
  asRoot(work: (client: Client) => Promise<unknown>): Promise<void>
  stop(): Promise<void>
  /** the domain's distinguished name */
  base: string
  /** PEM file of the certificate that vouches for it */
  ca: string
  bindDn: string
  password: string
  url: string
  secureUrl: string
}

export function startSamba(): Promise<SambaServer>
