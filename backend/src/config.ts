import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { kafkaEnvironment, kafkaProblems, kafkaSettings } from '@custodia/streams/event-log'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)
const optional = z.string().min(1).optional()

/** The environment, one line of meaning each; README lists the same. */
const Environment = z.object({
  PORT: port.default(8080),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TLS_CERT: optional,
  TLS_KEY: optional,
  TRUSTED_PROXIES: z.string().default(''),
  CUSTODIA_DATA_DIR: z.string().min(1).default('./data'),
  CUSTODIA_POSTGRES_URL: optional,
  CUSTODIA_CLICKHOUSE_URL: optional,
  ...kafkaEnvironment,
  CUSTODIA_CALENDAR: optional,
  CUSTODIA_TIME_ZONE: z.string().min(1).default('Asia/Shanghai'),
  CUSTODIA_SECURITY_CONTACT: z.string().min(1).max(200).default('security desk'),
  CUSTODIA_HOLD_TIMEOUT_MS: z.coerce.number().int().min(50).max(60_000).default(250),
  CUSTODIA_APPEND_TIMEOUT_MS: z.coerce.number().int().min(50).max(60_000).default(2000),
  CUSTODIA_DEMO: z.enum(['', 'install']).default(''),
  CUSTODIA_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

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
const problemsOf = (env: Record<string, string | undefined>): string[] => {
  const { TLS_CERT: cert, TLS_KEY: key, HOST: host, TRUSTED_PROXIES: proxies, CUSTODIA_TIME_ZONE: timeZone } = env
  const found: string[] = []
  if (!cert !== !key) found.push('TLS_CERT and TLS_KEY go together: set both or none')
  if (host && !isLoopback(host) && !cert && !proxies)
    found.push(
      'HOST is not a loopback address: set TLS_CERT and TLS_KEY, or name the proxy in front in TRUSTED_PROXIES',
    )
  if (!listOf(proxies ?? '').every(isAddressOrRange))
    found.push('TRUSTED_PROXIES is not a list of addresses or ranges, such as 10.0.0.5, 10.1.0.0/16')
  try {
    new Intl.DateTimeFormat('en', { timeZone: timeZone || undefined })
  } catch {
    found.push('CUSTODIA_TIME_ZONE is not an IANA time zone, such as Asia/Shanghai')
  }
  return [...found, ...kafkaProblems(env)]
}

export class ConfigError extends Error {}

/** Reads the environment once. Throws ConfigError naming every wrong key at once, never a value. */
export function readConfig(env: Record<string, string | undefined>) {
  const parsed = Environment.safeParse(env)
  const shape = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
  const wrong = [...shape, ...problemsOf(env)]
  if (!parsed.success || wrong.length) throw new ConfigError(`The configuration is not usable: ${wrong.join('; ')}.`)
  const e = parsed.data
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
    clickhouseUrl: e.CUSTODIA_CLICKHOUSE_URL,
    calendarFile: e.CUSTODIA_CALENDAR,
    timeZone: e.CUSTODIA_TIME_ZONE,
    securityContact: e.CUSTODIA_SECURITY_CONTACT,
    holdTimeoutMs: e.CUSTODIA_HOLD_TIMEOUT_MS,
    appendTimeoutMs: e.CUSTODIA_APPEND_TIMEOUT_MS,
    /** the supervisor was asked for demo data */
    installDemo: e.CUSTODIA_DEMO === 'install',
    logLevel: e.CUSTODIA_LOG_LEVEL,
  }
}

export const readConfigFromEnvironment = (): Config => readConfig(process.env)

/** What a process of this system is started with: all that was said to us, and a word more. */
export const environmentWith = (more: Record<string, string> = {}) => ({ ...process.env, ...more })

export type Config = ReturnType<typeof readConfig>
/** Injection token of the configuration. */
export const CONFIG = Symbol('config')
