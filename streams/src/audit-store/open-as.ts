import type { AuditStore } from './audit-store.js'
import { openClickHouse } from './clickhouse.js'
import type { Retention } from './retention.js'
import type { AuditServers } from './settings.js'
import type { Work } from './users.js'

export interface AuditStorePlace {
  /** undefined: the embedded one, at this socket */
  servers: AuditServers | undefined
  socketPath: string
  retention: Retention
}

/** The audit store as the user for this work: the gateway reads, landing writes, and the schema is changed by a third. */
export const openAuditStoreAs = (work: Work, { servers, socketPath, retention }: AuditStorePlace): AuditStore => {
  const url = servers?.[work]
  if (servers && url === undefined)
    throw new Error(
      `CUSTODIA_CLICKHOUSE_${work.toUpperCase()}_URL is missing: without it there is no ${work} of the audit store.`,
    )
  return openClickHouse(url === undefined ? { socketPath } : { url }, {
    readOnly: work === 'reader',
    cluster: servers?.cluster,
    retention,
  })
}
