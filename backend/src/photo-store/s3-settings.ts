import type { S3Options } from './s3.js'

/** The keys of the environment that name an S3 bucket, as they were read. */
interface Keys {
  CUSTODIA_S3_BUCKET?: string
  CUSTODIA_S3_ENDPOINT?: string
  CUSTODIA_S3_REGION: string
  CUSTODIA_S3_ACCESS_KEY_ID?: string
  CUSTODIA_S3_SECRET_ACCESS_KEY?: string
  CUSTODIA_S3_PATH_STYLE?: 'true' | 'false'
  CUSTODIA_S3_TIMEOUT_MS: number
}

/** What the shape of a key alone does not tell: names, never values. */
export const s3Problems = (env: Partial<Record<keyof Keys, string | undefined>>): string[] => {
  const wrong: string[] = []
  const named = (Object.keys(env) as (keyof Keys)[]).filter((name) => name.startsWith('CUSTODIA_S3_') && env[name])
  if (named.length > 0 && !env.CUSTODIA_S3_BUCKET)
    wrong.push(`${named.join(', ')} mean nothing without CUSTODIA_S3_BUCKET: set it too`)
  if (!env.CUSTODIA_S3_ACCESS_KEY_ID !== !env.CUSTODIA_S3_SECRET_ACCESS_KEY)
    wrong.push('CUSTODIA_S3_ACCESS_KEY_ID and CUSTODIA_S3_SECRET_ACCESS_KEY go together: set both or none')
  return wrong
}

/** undefined where no bucket is named; of an environment without problems */
export const s3Settings = (env: Keys): S3Options | undefined => {
  const { CUSTODIA_S3_BUCKET: bucket, CUSTODIA_S3_ENDPOINT: endpoint, CUSTODIA_S3_PATH_STYLE: pathStyle } = env
  if (!bucket) return undefined
  const [accessKeyId, secretAccessKey] = [env.CUSTODIA_S3_ACCESS_KEY_ID, env.CUSTODIA_S3_SECRET_ACCESS_KEY]
  return {
    bucket,
    region: env.CUSTODIA_S3_REGION,
    endpoint,
    // Few servers of one's own have a DNS name for every bucket.
    pathStyle: pathStyle === undefined ? endpoint !== undefined : pathStyle === 'true',
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    timeoutMs: env.CUSTODIA_S3_TIMEOUT_MS,
  }
}
