import type { Page } from 'playwright-core'

/** A security key inside the browser: keeps passkeys, touches itself, and verifies its user when it is told to. */
export interface VirtualAuthenticator {
  verifiesUser(yes: boolean): Promise<void>
  /** whether somebody touches it whenever it blinks */
  touches(yes: boolean): Promise<void>
}

export async function plugInAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    verifiesUser: async (yes) => {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: yes })
    },
    touches: async (enabled) => {
      await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
  }
}
