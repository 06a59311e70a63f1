import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A provider that lies: its ID tokens say what a test wants them to, signed by its key, another's, or nobody's. */
export async function startHostileProvider() {
  const [ours, others] = [newKey(), newKey()]
  let lie: { claims: Record<string, unknown>; key?: 'others' | 'none' } = { claims: {} }
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const answer = (body: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    if (request.url?.startsWith('/.well-known')) return answer(metadata)
    if (request.url === '/jwks')
      return answer({ keys: [{ ...ours.publicKey.export({ format: 'jwk' }), kid: '1', alg: 'RS256', use: 'sig' }] })
    return answer({ access_token: 'x', token_type: 'bearer', expires_in: 60, id_token: idToken() })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
  }
  const signed = (claims: Record<string, unknown>, key: 'ours' | 'others' | 'none' = 'ours'): string => {
    const head = part(key === 'none' ? { alg: 'none' } : { alg: 'RS256', kid: '1' })
    const data = `${head}.${part(claims)}`
    if (key === 'none') return `${data}.`
    const { privateKey } = key === 'others' ? others : ours
    return `${data}.${createSign('RSA-SHA256').update(data).sign(privateKey, 'base64url')}`
  }
  const idToken = (): string => {
    const now = Math.floor(Date.now() / 1000)
    const honest = { iss: issuer, aud: 'custodia', sub: 'mallory', iat: now, exp: now + 60 }
    return signed({ ...honest, preferred_username: 'mallory', ...lie.claims }, lie.key)
  }
  return {
    issuer,
    tell: (next: typeof lie) => (lie = next),
    /** what it publishes about itself */
    metadata,
    /** any token, by its key, another's, or nobody's */
    signed,
    /** its key as everybody can read it: no secret to sign with */
    publicKey: ours.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
