import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { ProblemError } from '../gateway/problem.js'
import type { PasskeyPolicy } from './passkey-policy.js'

/** What the library has checked of a new passkey. */
interface Registration {
  aaguid: string
  fmt: string
  attestationObject: Uint8Array<ArrayBuffer>
}

/**
 * Where a company names the models it takes, an authenticator must say with attestation which one it is. Where it names the
 * roots, too, the statement must carry certificates: the library has then followed them to a root, and found the model in
 * them. Without certificates a statement is signed by the passkey itself, which a program can be.
 */
export function requireModel({ models, roots }: PasskeyPolicy, { aaguid, fmt, attestationObject }: Registration): void {
  if (!models.length) return
  const certified = fmt === 'packed' && decodeAttestationObject(attestationObject).get('attStmt').get('x5c')?.length
  if (fmt === 'none' || !models.includes(aaguid) || (roots.length && !certified))
    throw new ProblemError('passkey_not_allowed')
}
