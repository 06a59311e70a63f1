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

/** Adds an authenticator app on the page that asks for a second factor; returns its secret. */
export async function enrolApp(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Show QR code' }).click()
  const shown = await page.locator('code').innerText()
  const secret = shown.replace(/\s/g, '')
  await page.getByLabel('Code', { exact: true }).fill(generateSync({ secret }))
  return secret
}

export async function enrolPasskey(page: Page): Promise<VirtualAuthenticator> {
  const authenticator = await plugInAuthenticator(page)
  await page.getByRole('button', { name: 'Create passkey' }).click()
  return authenticator
}

/** From wherever a page offers to sign in. */
export async function signInWithPasskey(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
}

export interface AppCredentials extends Credentials {
  totpSecret: string
}

export async function signInWithApp(page: Page, { totpSecret, ...known }: AppCredentials): Promise<void> {
  await signInWithPassword(page, known)
  await page.getByLabel('Code', { exact: true }).fill(generateSync({ secret: totpSecret }))
}
