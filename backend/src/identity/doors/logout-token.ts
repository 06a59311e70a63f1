import { constants, createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
/** How far apart two clocks may be, and how old a notice of signing out may come. */
const toleranceSeconds = 300

/** What makes a signature: nothing else is taken, whatever the token or the key says of itself. */
const algorithms: Record<
  string,
  { type: string; check: (data: Buffer, key: KeyObject, signature: Buffer) => boolean }
> = {
  RS256: { type: 'rsa', check: (data, key, signature) => verify('sha256', data, key, signature) },
  PS256: {
    type: 'rsa',
    check: (data, key, signature) =>
      verify('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  },
  ES256: {
    type: 'ec',
    check: (data, key, signature) => verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature),
  },
  EdDSA: { type: 'ed25519', check: (data, key, signature) => verify(null, data, key, signature) },
}

const Head = z.object({
  alg: z.string(),
  kid: z.string().optional(),
  typ: z
    .string()
    .regex(/^(application\/)?(logout\+)?jwt$/i)
    .optional(),
  crit: z.never().optional(),
})
const Claims = z
  .object({
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]),
    iat: z.number(),
    exp: z.number().optional(),
    sub: z.string().min(1).max(255).optional(),
    sid: z.string().min(1).max(255).optional(),
    events: z.looseObject({ [logoutEvent]: z.looseObject({}) }),
    // An ID token has one, and is none of these: what a browser carried must end nobody's session.
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined)

export interface ProviderLogout {
  sub?: string | undefined
  sid?: string | undefined
  /** when the provider said so, in seconds */
  iat: number
}

/** Who it is said to come from and for, and the keys that the provider publishes. */
export interface LogoutExpected {
  issuer: string
  clientId: string
  keys: readonly JsonWebKey[]
  now: number
}

/** A logout token of OpenID Connect Back-Channel Logout 1.0, 2.6; undefined when it is not one of this provider for this client. */
export function readLogoutToken(token: string, expected: LogoutExpected): ProviderLogout | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.')
  const told = Head.safeParse(decoded(head))
  const claims = Claims.safeParse(decoded(body))
  if (!told.success || !claims.success || more.length) return undefined
  const signed = isSigned(told.data, Buffer.from(`${head}.${body}`), Buffer.from(signature, 'base64url'), expected.keys)
  const { iss, aud, iat, exp = Infinity, sub, sid } = claims.data
  const seconds = expected.now / 1000
  const isFresh = Math.abs(seconds - iat) <= toleranceSeconds && seconds < exp + toleranceSeconds
  const isOurs = iss === expected.issuer && [aud].flat().includes(expected.clientId)
  return signed && isFresh && isOurs ? { sub, sid, iat } : undefined
}

/** The `kid` of a token, to ask whether its key is known. */
export const keyNamedBy = (token: string): string | undefined =>
  Head.safeParse(decoded(token.split('.')[0] ?? '')).data?.kid

function isSigned(
  { alg, kid }: z.infer<typeof Head>,
  data: Buffer,
  signature: Buffer,
  keys: LogoutExpected['keys'],
): boolean {
  const algorithm = Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined
  if (!algorithm) return false
  const fitting = keys.filter((key) => (kid === undefined || key['kid'] === kid) && (key['use'] ?? 'sig') === 'sig')
  return fitting.some((jwk) => {
    try {
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      return key.asymmetricKeyType === algorithm.type && algorithm.check(data, key, signature)
    } catch {
      return false // a key of a kind that we do not know
    }
  })
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return undefined
  }
}
