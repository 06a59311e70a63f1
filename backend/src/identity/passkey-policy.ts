import { readFileSync } from 'node:fs'

export interface PasskeyPolicy {
  /** AAGUIDs of the only models taken; empty: any, and nobody is asked for attestation */
  models: string[]
  /** PEM certificates that their attestation must lead to */
  roots: string[]
}

const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

export const passkeyPolicy = (env: {
  CUSTODIA_PASSKEY_MODELS: string
  CUSTODIA_PASSKEY_ROOTS?: string | undefined
}): PasskeyPolicy => ({
  models: env.CUSTODIA_PASSKEY_MODELS.toLowerCase()
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean),
  roots: env.CUSTODIA_PASSKEY_ROOTS ? (readFileSync(env.CUSTODIA_PASSKEY_ROOTS, 'utf8').match(pem) ?? []) : [],
})
