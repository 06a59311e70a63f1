import { z } from 'zod'
import { auditStoreEnvironment } from '../audit-store/settings.js'
import { backupKeys } from './backup-keys.js'
import { doorKeys } from './door-keys.js'
import { identityKeys } from './identity-keys.js'
import { kafkaEnvironment } from '../event-log/kafka/settings.js'

const port = z.coerce.number().int().min(0).max(65_535)
const optional = z.string().min(1).optional()
const patience = z.coerce.number().int().min(50).max(60_000)

/** What gateway and streams read alike. */
export const sharedKeys = {
  CUSTODIA_DATA_DIR: z.string().min(1).default('./data').describe('everything that is kept on this machine'),
  ...kafkaEnvironment,
  ...auditStoreEnvironment,
  CUSTODIA_RULES_DIR: optional.meta({
    description:
      'rule files of the house; they replace shipped ones of the same name; default: `rules` in the data directory',
    names: 'folder',
  }),
  CUSTODIA_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('how much the processes say about their own work'),
}

/** What the gateway reads besides. */
export const gatewayOnlyKeys = {
  PORT: port.default(8080).describe('port of pages and API'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('address it listens on; any but loopback needs TLS or a declared proxy'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('origin of pages, cookies and passkeys; other spellings are redirected to it; default: localhost'),
  TLS_CERT: optional.meta({ description: 'PEM file of the certificate, to serve HTTPS directly', names: 'file' }),
  TLS_KEY: optional.meta({ description: 'PEM file of its key', names: 'file' }),
  TRUSTED_PROXIES: z.string().default('').describe('addresses or ranges, by commas, whose X-Forwarded-For counts'),
  CUSTODIA_POSTGRES_URL: optional.meta({
    description: 'connection string of a PostgreSQL 15 to 18; without it the embedded one',
    secret: true,
  }),
  CUSTODIA_POSTGRES_POOL: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('connections to PostgreSQL that each gateway keeps at the most'),
  CUSTODIA_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'not a bucket name')
    .optional()
    .describe('S3 bucket of the photos; without it they are files in the data directory'),
  CUSTODIA_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^@]*$/, 'keys do not belong in the address')
    .optional()
    .describe('URL of the S3 server; default: Amazon’s'),
  CUSTODIA_S3_REGION: z.string().min(1).default('us-east-1').describe('its region'),
  CUSTODIA_S3_ACCESS_KEY_ID: optional.meta({
    description: 'its access key; without it, what the machine’s own role allows',
    secret: true,
  }),
  CUSTODIA_S3_SECRET_ACCESS_KEY: optional.meta({ description: 'and the secret of that key', secret: true }),
  CUSTODIA_S3_PATH_STYLE: z
    .enum(['true', 'false'])
    .optional()
    .describe('whether the bucket stands in the path instead of the host name; default: where an endpoint is named'),
  CUSTODIA_S3_TIMEOUT_MS: patience.default(5000).describe('how long a silent S3 server is waited for'),
  ...backupKeys,
  CUSTODIA_CALENDAR: optional.meta({
    description:
      'JSON file: working hours, teams’ shifts, time zones and holidays, public holidays by year, days of your own',
    names: 'file',
  }),
  ...identityKeys,
  ...doorKeys,
  CUSTODIA_TIME_ZONE: z.string().min(1).default('Asia/Shanghai').describe('time zone of days, hours and reports'),
  CUSTODIA_SECURITY_CONTACT: z
    .string()
    .min(1)
    .max(200)
    .default('security desk')
    .describe('whom a frozen person is told to ask'),
  CUSTODIA_HOLD_TIMEOUT_MS: patience.default(250).describe('how long a held access waits for its verdict'),
  CUSTODIA_APPEND_TIMEOUT_MS: patience.default(2000).describe('how long an access waits to be written down'),
  CUSTODIA_FREEZES_PER_RULE: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(20)
    .describe('accounts one rule may freeze by itself in an hour; then it only alerts for an hour'),
  CUSTODIA_FREEZES_SHARE: z.coerce
    .number()
    .min(0)
    .max(100)
    .default(10)
    .describe('percent of active accounts that rules may keep frozen at once (three always)'),
  CUSTODIA_RULE_ALERTS: z.coerce
    .number()
    .min(0)
    .default(5)
    .describe('alerts a day that a rule may give in its backtest, to be put into force; not more than now is enough'),
  CUSTODIA_RULE_FROZEN: z.coerce
    .number()
    .int()
    .min(0)
    .default(3)
    .describe('people whom a rule may freeze in its backtest, to be put into force; not more than now is enough'),
  CUSTODIA_RULE_FILES: z
    .enum(['follow', 'offer'])
    .default('offer')
    .describe(
      'whether a saved rule file of the house that neither freezes nor holds is in force at once, or offered; what people edited is never replaced',
    ),
  CUSTODIA_HEARING_TIMEOUT_MS: patience
    .default(5000)
    .describe('after so long without hearing of freezes a gateway shows nothing protected'),
  CUSTODIA_NOTICES_ALLOW: z
    .string()
    .default('')
    .describe(
      'addresses or ranges, by commas, that notices may go to though they are not public; 127.0.0.1: without TLS, too',
    ),
  CUSTODIA_DEMO: z.enum(['', 'install']).default('').describe('set by `custodia start --demo` for its gateway'),
}

/** What streams reads besides. */
export const streamsOnlyKeys = {
  CUSTODIA_STREAMS: z
    .enum(['all', 'landing', 'detection'])
    .default('all')
    .describe('what a streams process runs, where the two are to be scaled apart'),
  CUSTODIA_DETECTION_MB: z.coerce
    .number()
    .int()
    .min(1)
    .default(1024)
    .describe('megabytes that the windows of rules may take in a streams process before it says so and is not well'),
  CUSTODIA_AUDIT_SOCKET: optional.describe('socket of the embedded audit store, where it is not in the data directory'),
}

/** Read by tests and tools around the system; not by the system. */
const toolKeys = {
  CUSTODIA_CACHE: optional.describe('where tests keep the servers that they start; default: ~/.cache/custodia'),
  CUSTODIA_KILLS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('how often `npm run test:kill` kills each process; default: 30'),
  CUSTODIA_SEED: z.coerce
    .number()
    .int()
    .optional()
    .describe(
      'repeats a run of `npm run test:kill` that printed it, or begins the comparison of rules with their SQL there',
    ),
  CUSTODIA_STREAMS_COMPARED: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('over how many generated streams rules are compared with their SQL; default: 2'),
  CUSTODIA_GIVEN: optional.describe('folder with cases and data for `npm run test:given`'),
}

export const gatewayKeys = { ...gatewayOnlyKeys, ...sharedKeys }
export const streamsKeys = { ...sharedKeys, ...streamsOnlyKeys }

/** The one table: every key of the environment that means something here, with its meaning. */
export const everyKey = { ...gatewayOnlyKeys, ...sharedKeys, ...streamsOnlyKeys, ...toolKeys }

/** Tests and tools alone read them: nothing to set on a server. */
export const isToolKey = (name: string): boolean => name in toolKeys
