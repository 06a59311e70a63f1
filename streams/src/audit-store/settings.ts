import { z } from 'zod'
import type { Retention } from './retention.js'

const server = (description: string) =>
  z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description, secret: true })
const name = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'only letters, digits, dot, dash and underscore')
  .optional()
/** Far below what a DateTime can hold: past its end it would wrap round, and everything be deleted at once. */
const months = z.coerce.number().int().min(1).max(240)

/** The keys of the environment that say where the audit store is, and how long it keeps what. */
export const auditStoreEnvironment = {
  CUSTODIA_CLICKHOUSE_URL: server(
    'a ClickHouse server, http(s)://user:password@host:8123/database; without it the embedded one',
  ),
  CUSTODIA_CLICKHOUSE_READER_URL: server('the same with the user that only reads: the gateway’s'),
  CUSTODIA_CLICKHOUSE_WRITER_URL: server('the same with the user that only adds rows: of streams'),
  CUSTODIA_CLICKHOUSE_MIGRATOR_URL: server('the same with the user that changes the schema'),
  CUSTODIA_CLICKHOUSE_ADMIN_URL: server(
    'a user who may make users; read by `custodia audit-store users --apply` alone',
  ),
  CUSTODIA_CLICKHOUSE_CLUSTER: name.describe('the cluster’s name, where tables are replicated and spread over shards'),
  CUSTODIA_CLICKHOUSE_STORAGE_POLICY: name.describe('storage policy of the tables; default: the server’s'),
  CUSTODIA_CLICKHOUSE_COLD_VOLUME: name.describe(
    'volume of that policy to which rows move when they are no longer hot',
  ),
  CUSTODIA_AUDIT_HOT_MONTHS: months.default(3).describe('months after receipt until rows move to the cold volume'),
  CUSTODIA_AUDIT_KEEP_MONTHS: months.default(12).describe('months after receipt until rows are deleted'),
}

type Environment = z.infer<z.ZodObject<typeof auditStoreEnvironment>>

const urlKeys = Object.keys(auditStoreEnvironment).filter((key) => key.endsWith('_URL'))
const ofServers = [
  'CUSTODIA_CLICKHOUSE_CLUSTER',
  'CUSTODIA_CLICKHOUSE_STORAGE_POLICY',
  'CUSTODIA_CLICKHOUSE_COLD_VOLUME',
]
const adminKey = 'CUSTODIA_CLICKHOUSE_ADMIN_URL'

/** What the shape of a key alone does not tell: names, never values. `own` is the user that this process works as. */
export const auditStoreProblems = (
  env: Record<string, string | undefined>,
  own: 'CUSTODIA_CLICKHOUSE_READER_URL' | 'CUSTODIA_CLICKHOUSE_WRITER_URL',
): string[] => {
  const wrong: string[] = []
  const { CUSTODIA_AUDIT_HOT_MONTHS: hot = '3', CUSTODIA_AUDIT_KEEP_MONTHS: keep = '12' } = env
  if (Number(hot) > Number(keep))
    wrong.push('CUSTODIA_AUDIT_HOT_MONTHS is longer than CUSTODIA_AUDIT_KEEP_MONTHS: what is deleted cannot be hot')
  if (env['CUSTODIA_CLICKHOUSE_COLD_VOLUME'] && !env['CUSTODIA_CLICKHOUSE_STORAGE_POLICY'])
    wrong.push('CUSTODIA_CLICKHOUSE_COLD_VOLUME needs CUSTODIA_CLICKHOUSE_STORAGE_POLICY: the policy that has it')
  const urls = urlKeys.filter((key) => env[key])
  const roles = urls.filter((key) => key !== adminKey)
  const others = ofServers.filter((key) => env[key])
  if (others.length > 0 && roles.length === 0)
    wrong.push(`${others.join(', ')}: the embedded audit store has none: name a server in CUSTODIA_CLICKHOUSE_URL`)
  if (roles.length > 0 && !env[own] && !env['CUSTODIA_CLICKHOUSE_URL'])
    wrong.push(`${own} is missing, and no CUSTODIA_CLICKHOUSE_URL stands in for it`)
  const named = roles.flatMap((key) => (URL.canParse(env[key] ?? '') ? [databaseOf(env[key] ?? '')] : []))
  if (new Set(named).size > 1) wrong.push(`${roles.join(', ')} do not name the same database`)
  return wrong
}

/** The database that a server's URL names. */
export const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)) || 'default'

export interface AuditServers {
  /** each with the user for that work; undefined where this process was not told one */
  reader: string | undefined
  writer: string | undefined
  migrator: string | undefined
  admin: string | undefined
  cluster: string | undefined
}

/** undefined where no server is named: the embedded one is meant */
export const auditServers = (env: Environment): AuditServers | undefined => {
  const url = env.CUSTODIA_CLICKHOUSE_URL
  const roles = {
    reader: env.CUSTODIA_CLICKHOUSE_READER_URL ?? url,
    writer: env.CUSTODIA_CLICKHOUSE_WRITER_URL ?? url,
    migrator: env.CUSTODIA_CLICKHOUSE_MIGRATOR_URL ?? url,
  }
  if (Object.values(roles).every((each) => each === undefined)) return undefined
  return { ...roles, admin: env.CUSTODIA_CLICKHOUSE_ADMIN_URL, cluster: env.CUSTODIA_CLICKHOUSE_CLUSTER }
}

export const auditRetention = (env: Environment): Retention => ({
  hotMonths: env.CUSTODIA_AUDIT_HOT_MONTHS,
  keepMonths: env.CUSTODIA_AUDIT_KEEP_MONTHS,
  storagePolicy: env.CUSTODIA_CLICKHOUSE_STORAGE_POLICY,
  coldVolume: env.CUSTODIA_CLICKHOUSE_COLD_VOLUME,
})
