import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import type { SignInStep } from '@custodia/contracts'
import { call } from '../api/client.js'
import { ApiProblem } from '../api/problem.js'

export const passkeysSupported = (): boolean => browserSupportsWebAuthn()

/** The browser's prompt, whose closing is an answer and not a failure. */
const prompt = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof Error && ['NotAllowedError', 'AbortError'].includes(error.name)
      ? new ApiProblem(0, { code: 'passkey_cancelled' })
      : error
  }
}

/** The passkey's answer to a challenge, as the server checks it. */
export const answerPasskey = async (options: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON
  return { ...(await prompt(() => startAuthentication({ optionsJSON }))) }
}

// The contract carries WebAuthn's JSON as it is; @simplewebauthn makes it on the server and reads it here.
export const signInWithPasskey = async () => {
  const { challenge_id, options } = await call('passkeyOptions')
  return call('signInPasskey', { body: { challenge_id, response: await answerPasskey(options) } })
}

/** After so long a challenge is too old; the prompt that waits in the field is given a new one before. */
const offerForMs = 4 * 60_000

/**
 * Offers passkeys where the user name is typed: one gesture signs in. Waits until somebody takes the offer, another prompt
 * takes its place, or `signal` ends it; then there is no step.
 */
export const offerPasskeys = async (signal: AbortSignal): Promise<SignInStep | undefined> => {
  if (!passkeysSupported() || !(await browserSupportsWebAuthnAutofill())) return undefined
  while (!signal.aborted) {
    const { challenge_id, options } = await call('passkeyOptions', { signal })
    const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON
    const old = setTimeout(() => WebAuthnAbortService.cancelCeremony(), offerForMs)
    const end = () => WebAuthnAbortService.cancelCeremony()
    signal.addEventListener('abort', end, { once: true })
    const begun = Date.now()
    try {
      const response = await startAuthentication({ optionsJSON, useBrowserAutofill: true })
      return await call('signInPasskey', { body: { challenge_id, response: { ...response } } })
    } catch (error) {
      // Its time was over: offered anew. Anything else ends the offer; a wrong passkey is said aloud.
      if (error instanceof ApiProblem) throw error
      if (signal.aborted || Date.now() - begun < offerForMs) return undefined
    } finally {
      clearTimeout(old)
      signal.removeEventListener('abort', end)
    }
  }
  return undefined
}

export const addPasskey = async (name: string) => {
  const { challenge_id, options } = await call('passkeyBegin')
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON
  const response = await prompt(() => startRegistration({ optionsJSON }))
  return call('passkeyAdd', { body: { challenge_id, name, response: { ...response } } })
}
