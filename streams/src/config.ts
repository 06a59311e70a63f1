import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { kafkaEnvironment, kafkaProblems, kafkaSettings, type KafkaSettings } from './event-log/index.js'

const optional = z.string().min(1).optional()

/** The environment of the streams process, one line of meaning each. */
const Environment = z.object({
  /** log, audit store and rules of this machine live below it */
  CUSTODIA_DATA_DIR: z.string().min(1).default('./data'),
  ...kafkaEnvironment,
  /** a ClickHouse server, with its credentials; without it the embedded one */
  CUSTODIA_CLICKHOUSE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** the embedded audit store's socket, where it is not in the data directory */
  CUSTODIA_AUDIT_SOCKET: optional,
  /** rule files of the house; they replace shipped ones of the same name */
  CUSTODIA_RULES_DIR: optional,
  CUSTODIA_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export class ConfigError extends Error {}

export type AuditPlace = { url: string } | { socketPath: string } | 'embedded'

export interface Config {
  dataDir: string
  /** the embedded log's place, where `kafka` is absent */
  logDir: string
  kafka: KafkaSettings | undefined
  /** `embedded`: the socket that every process of this data directory agrees on */
  audit: AuditPlace
  /** in the order they apply */
  rulesDirs: readonly string[]
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Reads the environment once. Throws ConfigError naming every wrong key at once, never a value. */
export const readConfig = (env: Record<string, string | undefined> = process.env): Config => {
  const parsed = Environment.safeParse(env)
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.code})`)
  if (env['CUSTODIA_CLICKHOUSE_URL'] && env['CUSTODIA_AUDIT_SOCKET']) {
    wrong.push('CUSTODIA_CLICKHOUSE_URL and CUSTODIA_AUDIT_SOCKET name two audit stores: set one')
  }
  wrong.push(...kafkaProblems(env))
  if (!parsed.success || wrong.length > 0) throw new ConfigError(`Configuration is not usable: ${wrong.join('; ')}.`)
  const { data } = parsed
  const dataDir = resolve(data.CUSTODIA_DATA_DIR)
  return {
    dataDir,
    logDir: join(dataDir, 'log'),
    kafka: kafkaSettings(data),
    audit: data.CUSTODIA_CLICKHOUSE_URL
      ? { url: data.CUSTODIA_CLICKHOUSE_URL }
      : data.CUSTODIA_AUDIT_SOCKET
        ? { socketPath: data.CUSTODIA_AUDIT_SOCKET }
        : 'embedded',
    rulesDirs: [
      fileURLToPath(new URL('../rules', import.meta.url)),
      resolve(data.CUSTODIA_RULES_DIR ?? join(dataDir, 'rules')),
    ],
    logLevel: data.CUSTODIA_LOG_LEVEL,
  }
}
