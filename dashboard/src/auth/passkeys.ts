import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
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

export const addPasskey = async (name: string) => {
  const { challenge_id, options } = await call('passkeyBegin')
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON
  const response = await prompt(() => startRegistration({ optionsJSON }))
  return call('passkeyAdd', { body: { challenge_id, name, response: { ...response } } })
}
