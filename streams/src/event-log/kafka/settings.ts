import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import { z } from 'zod'
import { isNoCertificate, isNoPair } from '../../settings/certificates.js'
import type { KafkaEventLogOptions } from './kafka.js'

const optional = z.string().min(1).optional()

/** The keys of the environment that name a Kafka cluster, for every process that appends or reads. */
export const kafkaEnvironment = {
  CUSTODIA_KAFKA_BROKERS: z
    .string()
    .regex(/^\s*[^\s,:/]+:\d{1,5}(\s*,\s*[^\s,:/]+:\d{1,5})*\s*$/, 'not a list such as kafka-1:9093,kafka-2:9093')
    .optional()
    .describe('`host:port` of some brokers, by commas; without it the log is embedded, for one machine'),
  CUSTODIA_KAFKA_SSL: z.enum(['true', 'false']).optional().describe('whether the brokers are reached by TLS'),
  CUSTODIA_KAFKA_CA: optional.meta({
    description: 'PEM file of the authority that signed the brokers’ certificates, if not public',
    names: 'file',
  }),
  CUSTODIA_KAFKA_CERT: optional.meta({
    description: 'PEM file of the certificate that this process shows the brokers',
    names: 'file',
  }),
  CUSTODIA_KAFKA_KEY: optional.meta({ description: 'PEM file of that certificate’s key', names: 'file' }),
  CUSTODIA_KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('how this process signs in to the brokers'),
  CUSTODIA_KAFKA_SASL_USERNAME: optional.describe('its user there'),
  CUSTODIA_KAFKA_SASL_PASSWORD: optional.meta({ description: 'and the password', secret: true }),
  CUSTODIA_KAFKA_PREFIX: z
    .string()
    .regex(/^[\w.-]{0,100}$/, 'only letters, digits, dot, dash and underscore')
    .default('')
    .describe('put before the names of topics and groups, where several systems share a cluster'),
  CUSTODIA_KAFKA_REPLICATION: z.coerce
    .number()
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe('copies of every partition, for topics that are missing; default: as the cluster has it'),
  CUSTODIA_KAFKA_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(31)
    .optional()
    .describe('how long the log keeps accesses and verdicts once they are landed; at least 31; default: for ever'),
}

type Environment = z.infer<z.ZodObject<typeof kafkaEnvironment>>

export type KafkaSettings = Omit<KafkaEventLogOptions, 'clientId' | 'timeoutMs'>

/** What the shape of a key alone does not tell: names, never values. */
export const kafkaProblems = (env: Record<string, string | undefined>): string[] => {
  const has = (name: keyof Environment) => Boolean(env[name])
  const wrong: string[] = []
  const sasl = [
    has('CUSTODIA_KAFKA_SASL_MECHANISM'),
    has('CUSTODIA_KAFKA_SASL_USERNAME'),
    has('CUSTODIA_KAFKA_SASL_PASSWORD'),
  ]
  if (sasl.some(Boolean) && !sasl.every(Boolean))
    wrong.push('CUSTODIA_KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD go together: set all or none')
  if (has('CUSTODIA_KAFKA_CERT') !== has('CUSTODIA_KAFKA_KEY'))
    wrong.push('CUSTODIA_KAFKA_CERT and CUSTODIA_KAFKA_KEY go together: set both or none')
  const files = (['CUSTODIA_KAFKA_CA', 'CUSTODIA_KAFKA_CERT', 'CUSTODIA_KAFKA_KEY'] as const).filter(has)
  if (files.length > 0 && env['CUSTODIA_KAFKA_SSL'] === 'false')
    wrong.push(`${files.join(', ')} need TLS: CUSTODIA_KAFKA_SSL must not be false`)
  if (env['CUSTODIA_KAFKA_SASL_MECHANISM'] === 'plain' && env['CUSTODIA_KAFKA_SSL'] !== 'true' && files.length === 0)
    wrong.push('CUSTODIA_KAFKA_SASL_MECHANISM plain sends the password readable: set CUSTODIA_KAFKA_SSL to true')
  const { CUSTODIA_KAFKA_CA: ca, CUSTODIA_KAFKA_CERT: cert, CUSTODIA_KAFKA_KEY: key } = env
  if (ca && isNoCertificate(ca)) wrong.push('CUSTODIA_KAFKA_CA names a file without a certificate in PEM')
  if (cert && key && isNoPair(cert, key))
    wrong.push('CUSTODIA_KAFKA_CERT and CUSTODIA_KAFKA_KEY are not a certificate and the key of this very one, in PEM')
  return wrong
}

/** undefined where no brokers are named; of an environment without problems */
export const kafkaSettings = (env: Environment): KafkaSettings | undefined => {
  if (!env.CUSTODIA_KAFKA_BROKERS) return undefined
  const [ssl, sasl] = [tlsOf(env), saslOf(env)]
  return {
    brokers: env.CUSTODIA_KAFKA_BROKERS.split(',').map((broker) => broker.trim()),
    prefix: env.CUSTODIA_KAFKA_PREFIX,
    ...(env.CUSTODIA_KAFKA_REPLICATION && { replication: env.CUSTODIA_KAFKA_REPLICATION }),
    ...(env.CUSTODIA_KAFKA_RETENTION_DAYS && { retentionDays: env.CUSTODIA_KAFKA_RETENTION_DAYS }),
    ...(ssl && { ssl }),
    ...(sasl && { sasl }),
  }
}

const tlsOf = (env: Environment): ConnectionOptions | boolean => {
  const [ca, cert, key] = [pem(env.CUSTODIA_KAFKA_CA), pem(env.CUSTODIA_KAFKA_CERT), pem(env.CUSTODIA_KAFKA_KEY)]
  if (!ca && !cert) return env.CUSTODIA_KAFKA_SSL === 'true'
  return { ...(ca && { ca }), ...(cert && { cert, key }) }
}

const saslOf = (env: Environment): SASLOptions | undefined => {
  const { CUSTODIA_KAFKA_SASL_MECHANISM: mechanism } = env
  const { CUSTODIA_KAFKA_SASL_USERNAME: username, CUSTODIA_KAFKA_SASL_PASSWORD: password } = env
  return mechanism && username && password ? { mechanism, username, password } : undefined
}

const pem = (path: string | undefined): string | undefined => {
  try {
    return path ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}
