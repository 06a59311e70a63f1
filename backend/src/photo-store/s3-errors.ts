import { S3ServiceException } from '@aws-sdk/client-s3'

/** Where photos are, as it may be told. */
export interface Place {
  bucket: string
  host: string
}

/** A name for what happened, free of everything that was sent: `NoSuchBucket`, `ECONNREFUSED`, `TimeoutError`. */
export function codeOf(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown }
  if (typeof code === 'string') return code
  return typeof name === 'string' ? name : 'unknown'
}

export const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && ['NoSuchKey', 'NotFound'].includes(error.name)

const keys = 'CUSTODIA_S3_ACCESS_KEY_ID and CUSTODIA_S3_SECRET_ACCESS_KEY'
const noSuchBucket = ({ bucket, host }: Place) =>
  `There is no bucket ${bucket} on ${host}: create it, closed to the public, or correct CUSTODIA_S3_BUCKET.`
const wrongKeys = ({ host }: Place) => `${host} does not accept the keys: correct ${keys}.`
const notAllowed = ({ bucket, host }: Place) =>
  `${host} does not let these keys use the bucket ${bucket}: allow s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket.`
const otherRegion = ({ bucket, host }: Place) =>
  `The bucket ${bucket} on ${host} is in another region: correct CUSTODIA_S3_REGION.`

const sentences: Record<string, (place: Place) => string> = {
  NoSuchBucket: noSuchBucket,
  NotFound: noSuchBucket,
  InvalidAccessKeyId: wrongKeys,
  SignatureDoesNotMatch: wrongKeys,
  XAdminUserNotFound: wrongKeys, // versitygw's word for a key id that nobody has
  CredentialsProviderError: ({ host }) => `There are no keys for ${host}: set ${keys}.`,
  AccessDenied: notAllowed,
  Forbidden: notAllowed,
  AuthorizationHeaderMalformed: otherRegion,
  PermanentRedirect: otherRegion,
  RequestTimeTooSkewed: ({ host }) => `The clocks of this machine and of ${host} differ: set them right.`,
}

/** What is wrong and what to do, without a word of what the server said. */
export const sentenceOf = (code: string, place: Place): string =>
  sentences[code]?.(place) ??
  `The photo store ${place.host} did not do what was asked (${code}): see that it runs and can be reached.`
