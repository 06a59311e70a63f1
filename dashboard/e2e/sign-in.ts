import { generateSync } from 'otplib'
import type { Page } from 'playwright-core'
import { plugInAuthenticator, type VirtualAuthenticator } from './authenticator.js'

export interface Credentials {
  username: string
  password: string
}

export async function signInWithPassword(page: Page, { username, password }: Credentials): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const stepSeconds = 30
const used = new Map<string, number>()

/** The code that an app shows; where that was used already, the next one: clocks may be a step apart, and no more. */
export async function codeOf(secret: string): Promise<string> {
  const step = Math.max(Math.floor(Date.now() / 1000 / stepSeconds), (used.get(secret) ?? 0) + 1)
  used.set(secret, step)
  const early = (step - 1) * stepSeconds * 1000 - Date.now()
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
  return generateSync({ secret, epoch: step * stepSeconds })
}

/** An action asks for a fresh proof: by the app. */
export async function proveWithApp(page: Page, secret: string): Promise<void> {
  const dialog = page.getByRole('dialog').filter({ hasText: 'Prove once more' })
  await dialog.getByLabel('Code', { exact: true }).fill(await codeOf(secret))
  await dialog.waitFor({ state: 'hidden' })
}

/** Adds an authenticator app on the page that asks for a second factor; returns its secret. `again`: its QR code is shown already, and no codes follow. */
export async function enrolApp(page: Page, { again = false } = {}): Promise<string> {
  if (!again) await page.getByRole('button', { name: 'Show QR code' }).click()
  const shown = await page.locator('code').innerText()
  const secret = shown.replace(/\s/g, '')
  await page.getByLabel('Code', { exact: true }).fill(await codeOf(secret))
  if (!again) await keepRecoveryCodes(page)
  return secret
}

export async function enrolPasskey(page: Page): Promise<VirtualAuthenticator> {
  const authenticator = await plugInAuthenticator(page)
  await page.getByRole('button', { name: 'Create passkey' }).click()
  await keepRecoveryCodes(page)
  return authenticator
}

/** They are shown once, with the first factor; returns them. */
export async function keepRecoveryCodes(page: Page): Promise<string[]> {
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts()
  await page.getByRole('checkbox', { name: 'I have kept them' }).click()
  await page.getByRole('button', { name: 'Go on' }).click()
  return codes.map((code) => code.trim())
}

/** Sets the password with the link that was handed over; the page that follows asks for a factor. */
export async function acceptInvitation(page: Page, link: string | undefined, password: string): Promise<void> {
  await page.goto(link ?? '/invitation')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Set password' }).click()
}

/** By the button of the page that `arrive` leads to, unless the key has answered what its field offers, as a virtual one may at once. */
export async function signInWithPasskey(page: Page, arrive: () => Promise<unknown>): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/auth/passkey'))
  await arrive()
  const button = page.getByRole('button', { name: 'Sign in with a passkey' })
  await Promise.any([button.click({ timeout: 15_000 }), answered])
}

export interface AppCredentials extends Credentials {
  totpSecret: string
}

export async function signInWithApp(page: Page, { totpSecret, ...known }: AppCredentials): Promise<void> {
  await signInWithPassword(page, known)
  await page.getByLabel('Code', { exact: true }).fill(await codeOf(totpSecret))
}
