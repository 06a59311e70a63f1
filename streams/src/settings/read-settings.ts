import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { everyKey } from './keys.js'
import { metaOf } from './meta.js'
import { unreadable } from './named-files.js'
import { nearest } from './nearest.js'
import { inPlainWords } from './plain-words.js'

export type Environment = Record<string, string | undefined>

/** Says what is wrong with the configuration: names of keys and what they mean, never a value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    // one line, for whoever reads it in a log; `custodia doctor` gives each its own
    super(`The configuration is not usable: ${problems.join('; ')}.`)
    this.name = 'ConfigError'
  }
}

export const meaningOf = (key: z.ZodType): string => metaOf(key).description ?? ''
export const isSecret = (key: z.ZodType): boolean => metaOf(key).secret === true

/** Every secret can be given as a file instead, the way containers are handed theirs: `NAME_FILE=/run/secrets/name`. */
const fileKeys = new Map(
  Object.entries(everyKey)
    .filter(([, key]) => isSecret(key))
    .map(([name]) => [`${name}_FILE`, name]),
)

/** Reads `keys` from the environment at once. Throws ConfigError with everything that is wrong with all of it. */
export const readSettings = <Keys extends z.ZodRawShape>(
  keys: Keys,
  given: Environment,
  /** what the shape of a key alone does not tell */
  problemsOf: (env: Environment) => string[],
): z.output<z.ZodObject<Keys>> => {
  const { env, problems } = withFiles(keys, given)
  const parsed = z.object(keys).safeParse(env, { error: inPlainWords })
  const misshapen = parsed.error?.issues.map(({ path: [name], message }) => problemOf(String(name), message)) ?? []
  const wrong = [...problems, ...misshapen, ...unknownKeys(given), ...unreadable(keys, env), ...problemsOf(env)]
  if (!parsed.success || wrong.length > 0) throw new ConfigError(wrong)
  return parsed.data
}

const problemOf = (name: string, message: string): string => {
  const key = Object.entries(everyKey).find(([known]) => known === name)?.[1]
  return `${name}: ${message}${key ? ` (${meaningOf(key)})` : ''}`
}

const withFiles = (keys: z.ZodRawShape, given: Environment): { env: Environment; problems: string[] } => {
  const env = { ...given }
  const problems: string[] = []
  for (const [fileKey, name] of fileKeys) {
    const path = given[fileKey]
    if (path === undefined || !(name in keys)) continue
    if (given[name] !== undefined) problems.push(`${name} and ${fileKey} say the same thing: set one`)
    try {
      env[name] = readFileSync(path, 'utf8').trimEnd()
    } catch {
      problems.push(`${fileKey} names a file that cannot be read`)
    }
  }
  return { env, problems }
}

/** Kubernetes tells every pod of a service named `custodia` where it is, by variables that look like ours. */
const byKubernetes = (name: string, value = ''): boolean =>
  /^CUSTODIA_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(name) ||
  (name.endsWith('_PORT') && /^(tcp|udp|sctp):/.test(value))

const unknownKeys = (given: Environment): string[] => {
  const known = [...Object.keys(everyKey), ...fileKeys.keys()]
  return Object.keys(given)
    .filter((name) => name.startsWith('CUSTODIA_') && !known.includes(name) && !byKubernetes(name, given[name]))
    .map((name) => {
      const meant = nearest(name, known)
      return `${name}: there is no such key${meant ? `; did you mean ${meant}?` : ''}`
    })
}
