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

/** Until it is taken back, passkey questions of the server come to this page with some of what they ask changed. */
export async function twistPasskeyOptions(page: Page, twist: Record<string, unknown>): Promise<() => Promise<void>> {
  const address = '**/api/v1/auth/passkey/options'
  await page.route(address, async (route) => {
    const response = await route.fetch()
    const asked = (await response.json()) as { options: Record<string, unknown> }
    await route.fulfill({ response, json: { ...asked, options: { ...asked.options, ...twist } } })
  })
  return () => page.unroute(address)
}
