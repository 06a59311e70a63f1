export type { AuditStore, QueryParams } from './audit-store.js'
export { openClickHouse, type ClickHousePlace } from './clickhouse.js'
export { startChdb, type ChdbProcess } from './server/start.js'
export { privateSocketPath } from './socket-path.js'
