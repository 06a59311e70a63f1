import { join, resolve } from 'node:path'
import type { Retention } from './audit-store/index.js'
import {
  auditRetention,
  auditServers,
  auditStoreProblems,
  kafkaProblems,
  kafkaSettings,
  readSettings,
  rulesDirsOf,
  streamsKeys,
  type AuditServers,
  type Environment,
  type KafkaSettings,
} from './settings/index.js'

export type AuditPlace = AuditServers | { socketPath: string } | 'embedded'

export interface Config {
  dataDir: string
  /** the embedded log's place, where `kafka` is absent */
  logDir: string
  kafka: KafkaSettings | undefined
  /** `embedded`: the socket that every process of this data directory agrees on */
  audit: AuditPlace
  /** how long the audit store keeps what */
  retention: Retention
  /** which of the two this process runs */
  runs: { landing: boolean; detection: boolean }
  /** bytes that the windows of rules may take before an alarm */
  memoryCeiling: number
  /** in the order they apply */
  rulesDirs: readonly string[]
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

const problemsOf = (env: Environment): string[] => [
  ...(env['CUSTODIA_CLICKHOUSE_URL'] && env['CUSTODIA_AUDIT_SOCKET']
    ? ['CUSTODIA_CLICKHOUSE_URL and CUSTODIA_AUDIT_SOCKET name two audit stores: set one']
    : []),
  ...auditStoreProblems(env, 'CUSTODIA_CLICKHOUSE_WRITER_URL'),
  ...kafkaProblems(env),
]

/** Reads the environment once. Throws ConfigError naming every wrong key at once, never a value. */
export const readConfig = (env: Environment = process.env): Config => {
  const data = readSettings(streamsKeys, env, problemsOf)
  const dataDir = resolve(data.CUSTODIA_DATA_DIR)
  return {
    dataDir,
    logDir: join(dataDir, 'log'),
    kafka: kafkaSettings(data),
    audit: auditServers(data) ?? (data.CUSTODIA_AUDIT_SOCKET ? { socketPath: data.CUSTODIA_AUDIT_SOCKET } : 'embedded'),
    retention: auditRetention(data),
    runs: { landing: data.CUSTODIA_STREAMS !== 'detection', detection: data.CUSTODIA_STREAMS !== 'landing' },
    memoryCeiling: data.CUSTODIA_DETECTION_MB * 2 ** 20,
    rulesDirs: rulesDirsOf(dataDir, data.CUSTODIA_RULES_DIR),
    logLevel: data.CUSTODIA_LOG_LEVEL,
  }
}
