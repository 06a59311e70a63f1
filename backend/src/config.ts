import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import {
  auditRetention,
  auditServers,
  auditStoreProblems,
  gatewayKeys,
  isNoPair,
  kafkaProblems,
  kafkaSettings,
  readSettings,
  rulesDirsOf,
  type Environment,
} from '@custodia/streams/settings'
import { s3Problems, s3Settings } from './photo-store/s3-settings.js'
import { postgresProblems } from './record-store/connection.js'
import { calendarProblems } from './capture/calendar-settings.js'
import { doorProblems, ldapSettings, oidcSettings } from './identity/doors/settings.js'
import { passkeyPolicy } from './identity/passkey-policy.js'
import { sessionPolicy } from './identity/session-policy.js'
import { backupProblems, backupS3, backupSettings } from './backup/settings.js'

export { ConfigError } from '@custodia/streams/settings'

const isLoopback = (host: string): boolean => /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host)
const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
/** An address or a range, as proxies are named. */
const isAddressOrRange = (text: string): boolean => {
  const [address = '', bits] = text.split('/')
  return (
    isIP(address) !== 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128)))
  )
}

/** What the shape of a key alone does not tell. */
const problemsOf = (env: Environment): string[] => {
  const { TLS_CERT: cert, TLS_KEY: key, HOST: host, TRUSTED_PROXIES: proxies, CUSTODIA_TIME_ZONE: timeZone } = env
  const found: string[] = []
  if (!cert !== !key) found.push('TLS_CERT and TLS_KEY go together: set both or none')
  if (cert && key && isNoPair(cert, key))
    found.push('TLS_CERT and TLS_KEY are not a certificate and the key of this very one, in PEM')
  if (host && !isLoopback(host) && !cert && !proxies)
    found.push(
      'HOST is not a loopback address: set TLS_CERT and TLS_KEY, or name the proxy in front in TRUSTED_PROXIES',
    )
  if (!listOf(proxies ?? '').every(isAddressOrRange))
    found.push('TRUSTED_PROXIES is not a list of addresses or ranges, such as 10.0.0.5, 10.1.0.0/16')
  if (!listOf(env.CUSTODIA_NOTICES_ALLOW ?? '').every(isAddressOrRange))
    found.push('CUSTODIA_NOTICES_ALLOW is not a list of addresses or ranges, such as 10.0.0.5, 10.1.0.0/16')
  try {
    new Intl.DateTimeFormat('en', { timeZone: timeZone || undefined })
  } catch {
    found.push('CUSTODIA_TIME_ZONE is not an IANA time zone, such as Asia/Shanghai')
  }
  return [
    ...found,
    ...auditStoreProblems(env, 'CUSTODIA_CLICKHOUSE_READER_URL'),
    ...kafkaProblems(env),
    ...s3Problems(env),
    ...postgresProblems(env.CUSTODIA_POSTGRES_URL),
    ...backupProblems(env),
    ...calendarProblems(env.CUSTODIA_CALENDAR),
    ...doorProblems(env),
  ]
}

/** Reads the environment once. Throws ConfigError naming every wrong key at once, never a value. */
export function readConfig(env: Environment) {
  const e = readSettings(gatewayKeys, env, problemsOf)
  const dataDir = resolve(e.CUSTODIA_DATA_DIR)
  const publicUrl = new URL(e.PUBLIC_URL ?? `${e.TLS_CERT ? 'https' : 'http'}://localhost:${e.PORT}`)
  return {
    http: {
      host: e.HOST,
      port: e.PORT,
      /** origin that pages, cookies and passkeys belong to; other spellings are redirected to it */
      origin: publicUrl.origin,
      rpId: publicUrl.hostname,
      tls: e.TLS_CERT && e.TLS_KEY ? { cert: e.TLS_CERT, key: e.TLS_KEY } : undefined,
      trustedProxies: listOf(e.TRUSTED_PROXIES),
    },
    dataDir,
    /** where the embedded PostgreSQL keeps its socket; its user must pass through, so it is apart from our own sockets */
    postgresRunDir: resolve(dataDir, 'postgres-run'),
    /** the log is Kafka's; without it, LMDB's in the data directory */
    kafka: kafkaSettings(e),
    postgresUrl: e.CUSTODIA_POSTGRES_URL,
    postgresPool: e.CUSTODIA_POSTGRES_POOL,
    /** photos are in this bucket; without it, files in the data directory */
    s3: s3Settings(e),
    /** the ClickHouse that holds the audit store, with a user for each work; without it, the embedded one */
    clickhouse: auditServers(e),
    clickhouseUrl: auditServers(e)?.reader,
    /** how long the audit store keeps what */
    auditRetention: auditRetention(e),
    /** rules as files: shipped, then the house's */
    rulesDirs: rulesDirsOf(dataDir, e.CUSTODIA_RULES_DIR),
    /** where backups go, for whom and when; without it none are made */
    backup: backupSettings(e),
    /** how an S3 server that keeps backups is reached; for a restore, which may name another target */
    backupS3: backupS3(e),
    passwordMin: e.CUSTODIA_PASSWORD_MIN,
    houseWords: e.CUSTODIA_HOUSE_WORDS,
    passkeys: passkeyPolicy(e),
    sessions: sessionPolicy(e),
    /** where people sign in who have no password here */
    oidc: oidcSettings(e),
    ldap: ldapSettings(e),
    joinersDoor: e.CUSTODIA_JOINERS_DOOR,
    /** how many may leave in an hour by what another system says; beyond it an administrator lets it go on */
    leavers: { perHour: e.CUSTODIA_LEAVERS_PER_HOUR, share: e.CUSTODIA_LEAVERS_SHARE / 100 },
    /** how often everybody's rights are looked at again, and for how long; 0 months: only when asked for */
    reviews: { months: e.CUSTODIA_ACCESS_REVIEW_MONTHS, days: e.CUSTODIA_ACCESS_REVIEW_DAYS },
    tokensPerMinute: e.CUSTODIA_API_RATE,
    recoveryWaitHours: e.CUSTODIA_RECOVERY_WAIT_HOURS,
    /** until rights that one person alone gave count towards decisions on what others ask; 0: at once */
    deciderWaitHours: e.CUSTODIA_DECIDER_WAIT_HOURS,
    calendarFile: e.CUSTODIA_CALENDAR,
    timeZone: e.CUSTODIA_TIME_ZONE,
    securityContact: e.CUSTODIA_SECURITY_CONTACT,
    holdTimeoutMs: e.CUSTODIA_HOLD_TIMEOUT_MS,
    appendTimeoutMs: e.CUSTODIA_APPEND_TIMEOUT_MS,
    /** what rules may freeze by themselves; beyond it they only alert */
    freezes: { perRuleAndHour: e.CUSTODIA_FREEZES_PER_RULE, share: e.CUSTODIA_FREEZES_SHARE / 100 },
    rules: {
      limits: { alerts_a_day: e.CUSTODIA_RULE_ALERTS, frozen: e.CUSTODIA_RULE_FROZEN },
      files: e.CUSTODIA_RULE_FILES,
    },
    /** addresses that are not public, to which notices may go all the same */
    noticeAddresses: listOf(e.CUSTODIA_NOTICES_ALLOW),
    hearingTimeoutMs: e.CUSTODIA_HEARING_TIMEOUT_MS,
    /** the supervisor was asked for demo data */
    installDemo: e.CUSTODIA_DEMO === 'install',
    logLevel: e.CUSTODIA_LOG_LEVEL,
  }
}

/** The one thing that a health check of another process of this machine must know; that process judges the rest. */
export const readDataDirFromEnvironment = (): string =>
  resolve(readSettings({ CUSTODIA_DATA_DIR: gatewayKeys.CUSTODIA_DATA_DIR }, process.env, () => []).CUSTODIA_DATA_DIR)

export const readConfigFromEnvironment = (): Config => readConfig(process.env)

/** The file of the single machine's key provider. */
export const keyFileOf = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'keys', 'master.json')

/** What a process of this system is started with: all that was said to us, and a word more. */
export const environmentWith = (more: Record<string, string> = {}) => ({ ...process.env, ...more })

export type Config = ReturnType<typeof readConfig>
/** Injection token of the configuration. */
export const CONFIG = Symbol('config')
