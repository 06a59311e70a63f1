import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import type { VirtualAuthenticator } from './authenticator.js'
import { plugInAuthenticator, twistPasskeyOptions } from './authenticator.js'
import { launchChromium } from './chromium.js'
import { pressOn, reach } from './keyboard.js'
import { barriersOn, settled } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { enrolApp, keepRecoveryCodes, signInWithApp, signInWithPasskey, signInWithPassword } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const alertIn = (page: Page, text: string) => page.getByRole('alert').getByText(text).waitFor()

describe('who belongs here comes in, and nobody is locked out', () => {
  let system: RunningSystem
  let browser: Browser
  let clerk: Visitor
  let elsewhere: Visitor
  let key: VirtualAuthenticator
  let link: string | undefined
  let codes: string[]
  let app: string
  let spare: VirtualAuthenticator
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }
  const lookAt = async ({ page, screenshot }: Visitor, name: string) => {
    await settled(page)
    await screenshot(`identity-${name}`)
    expect(await barriersOn(page)).toEqual([])
  }
  const proveWithCode = async (page: Page, code: string | undefined) => {
    const dialog = page.getByRole('dialog').filter({ hasText: 'Prove once more' })
    await dialog.getByRole('button', { name: 'Use a recovery code' }).click()
    await dialog.getByLabel('Recovery code').fill(code ?? '')
    await dialog.getByRole('button', { name: 'Use this code' }).click()
    await dialog.waitFor({ state: 'hidden' })
  }

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    if (!system) return
    await system.stop()
    removeDataDir(system.dataDir)
  })

  step('the administrator invites a clerk', async () => {
    const admin = await enter('admin')
    const app = await setUp(admin, system.setupCode ?? '')
    link = (await addPeople(admin, app)).get(people.clerk.username)
    await lookAt(admin, 'invited')
  })

  step('a password is typed unseen: its field is masked, and takes what is pasted or filled in', async () => {
    const { page } = await enter('typing')
    const masked = async (autocomplete: string) => {
      const field = page.getByLabel('Password')
      expect(await field.getAttribute('type')).toBe('password')
      expect(await field.getAttribute('autocomplete')).toBe(autocomplete)
      await field.focus()
      await page.evaluate(() => {
        const at = document.activeElement
        const pasted = new ClipboardEvent('paste', { bubbles: true, cancelable: true })
        if (at?.dispatchEvent(pasted)) document.execCommand('insertText', false, 'pasted by a manager')
      })
      expect(await field.inputValue()).toBe('pasted by a manager')
    }
    await page.goto('/sign-in')
    await masked('current-password')
    await page.goto(link ?? '/')
    await masked('new-password')
  })

  step('a password that is known from breaches is refused, another is taken', async () => {
    clerk = await enter('clerk')
    await clerk.page.goto(link ?? '/')
    await clerk.page.getByLabel('Password').fill('qwerty123456')
    await clerk.page.getByRole('button', { name: 'Set password' }).click()
    await alertIn(clerk.page, 'This password is known')
    await lookAt(clerk, 'invitation')
    await clerk.page.getByLabel('Password').fill(people.clerk.password)
    await clerk.page.getByRole('button', { name: 'Set password' }).click()
    await clerk.page.waitForURL('**/enrol')
  })

  step('nothing opens before a factor is enrolled', async () => {
    await clerk.page.goto('/customers')
    await clerk.page.waitForURL(/\/enrol/)
  })

  step('the clerk registers a passkey and keeps the recovery codes', async () => {
    key = await plugInAuthenticator(clerk.page)
    await clerk.page.getByRole('button', { name: 'Create passkey' }).click()
    await clerk.page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
    await lookAt(clerk, 'recovery-codes')
    codes = await keepRecoveryCodes(clerk.page)
    expect(codes).toHaveLength(10)
    await clerk.page.waitForURL('**/customers')
  })

  step('the link does not work a second time', async () => {
    const late = await enter('late')
    await late.page.goto(link ?? '/')
    await alertIn(late.page, 'This invitation was used')
    await lookAt(late, 'invitation-over')
  })

  step('the field of the user name offers the passkey: one gesture signs in', async () => {
    const signedIn = clerk.page.waitForResponse((answer) => answer.url().endsWith('/auth/passkey'))
    await signOut(clerk.page)
    expect((await signedIn).status()).toBe(200)
    await clerk.page.waitForURL('**/customers')
    await clerk.page.getByRole('heading', { name: 'Customers', exact: true }).waitFor()
  })

  step(
    'a prompt that nobody answers until it is over says so in plain words, and the page goes on working',
    async () => {
      const { page } = clerk
      await key.touches(false)
      await signOut(page)
      await page.waitForURL(/\/sign-in/)
      const askAsEver = await twistPasskeyOptions(page, { timeout: 2_000 })
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await alertIn(page, 'The passkey prompt was closed or timed out')
      await askAsEver()
      await lookAt(clerk, 'cancelled')
    },
  )

  step('a key that does not recognise its user answers nothing, and the page says that it may be that', async () => {
    const { page } = clerk
    await key.verifiesUser(false)
    await key.touches(true)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await alertIn(page, 'or the key did not recognise you')
    await lookAt(clerk, 'not-recognised')
  })

  step('a key that answers without having looked who it is opens nothing: the server refuses it', async () => {
    const { page } = clerk
    const askAsEver = await twistPasskeyOptions(page, { userVerification: 'discouraged' })
    const refused = page.waitForResponse((answer) => answer.url().endsWith('/auth/passkey'))
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    expect((await refused).status()).toBe(401)
    await alertIn(page, 'User name, password, passkey or code is wrong')
    await askAsEver()
    await lookAt(clerk, 'not-verified')
    await key.verifiesUser(true)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL('**/customers')
  })

  step('without the key, at another browser, a recovery code stands in for it', async () => {
    elsewhere = await enter('elsewhere')
    await signInWithPassword(elsewhere.page, people.clerk)
    await elsewhere.page.getByRole('button', { name: 'Use a recovery code' }).click()
    await lookAt(elsewhere, 'recovery-code')
    await elsewhere.page.getByLabel('Recovery code').fill(codes[0]?.toLowerCase() ?? '')
    await elsewhere.page.getByRole('button', { name: 'Use this code' }).click()
    await elsewhere.page.waitForURL('**/customers')
  })

  step('the last key is not removed; with an app beside it, it is', async () => {
    const { page } = elsewhere
    // a browser that has no such key says so at once, instead of holding the page behind a prompt of its own
    spare = await plugInAuthenticator(page)
    await page.goto('/me')
    await page.getByText('9 codes left').waitFor()
    await lookAt(elsewhere, 'factors')
    await removeKey(page)
    await proveWithCode(page, codes[1])
    await alertIn(page, 'This is your last second factor')
    await page.getByRole('button', { name: 'Set up' }).click()
    await page.getByRole('button', { name: 'Show QR code' }).click()
    await proveWithCode(page, codes[2])
    app = await enrolApp(page, { again: true })
    await page.getByText('Codes change every 30 seconds').waitFor()
    await removeKey(page)
    await proveWithCode(page, codes[3])
    await page.getByText('No passkeys yet').waitFor()
    await page.getByText('6 codes left').waitFor()
  })

  step('the key that was removed signs nobody in, and its session is over', async () => {
    await clerk.page.goto('/me')
    await clerk.page.waitForURL(/\/sign-in/)
    await alertIn(clerk.page, 'User name, password, passkey or code is wrong')
  })

  step('by keyboard alone: a passkey is added under a name, and given another one', async () => {
    const { page } = elsewhere
    await addKeyByKeyboard(page, 'Desk key')
    await lookAt(elsewhere, 'add-passkey')
    await page.keyboard.press('Enter')
    await proveWithCode(page, codes[4])
    await pressOn(page, page.getByRole('button', { name: 'Rename Desk key' }))
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').waitFor()
    await lookAt(elsewhere, 'rename-passkey')
    await type(page, dialog.getByLabel('Name'), 'Key in the drawer')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText('Key in the drawer', { exact: true }).waitFor()
    expect(await page.getByText('Desk key').count()).toBe(0)
  })

  step('a second one is added at another browser, which has come in by the app', async () => {
    const { page } = clerk
    await key.touches(false) // it holds a key that is nobody's any more, and would answer for it
    await signInWithApp(page, { ...people.clerk, totpSecret: app })
    await page.waitForURL('**/customers')
    await page.goto('/me') // nothing waits for a touch here, and a question that already waits would not feel a later one
    await key.touches(true)
    await addKeyByKeyboard(page, 'Spare key')
    await page.keyboard.press('Enter')
    await proveWithCode(page, codes[5])
    await page.getByText('Spare key', { exact: true }).waitFor()
    await page.getByText('Key in the drawer', { exact: true }).waitFor()
  })

  step('one’s own sessions are listed with device and place; one that is ended is signed out', async () => {
    const { page } = clerk
    const sessions = page.getByRole('listitem').filter({ hasText: 'last seen' })
    expect(await sessions.count()).toBe(2)
    for (const session of await sessions.all()) expect(await session.innerText()).toMatch(/Chrome, Linux.*network \S+/s)
    expect(await sessions.filter({ hasText: 'this one' }).count()).toBe(1)
    await lookAt(clerk, 'sessions')
    await spare.touches(false) // or it would sign in again by itself
    await pressOn(page, page.getByRole('button', { name: /^End Chrome, Linux, network/ }))
    await sessions.nth(1).waitFor({ state: 'detached' })
    await isSignedOut(elsewhere.page)
  })

  step('all others are ended at once, and this one goes on', async () => {
    const { page } = clerk
    await spare.touches(true)
    await signInWithPasskey(elsewhere.page, () => elsewhere.page.goto('/sign-in'))
    await elsewhere.page.waitForURL('**/customers')
    await spare.touches(false)
    await page.reload()
    await page.getByRole('button', { name: 'End all others' }).waitFor()
    const others = await page.getByRole('button', { name: /^End Chrome, Linux, network/ }).count()
    await pressOn(page, page.getByRole('button', { name: 'End all others' }))
    const said = await page.getByText(/sessions? ended$/).innerText()
    expect(said).toBe(others === 1 ? 'one session ended' : `${others} sessions ended`)
    await isSignedOut(elsewhere.page)
    await page.reload()
    await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor()
  })

  step('a passkey is removed by proof with the other, which stays', async () => {
    const { page } = clerk
    await pressOn(page, page.getByRole('button', { name: 'Remove Key in the drawer' }))
    await pressOn(page, page.getByRole('dialog').getByRole('button', { name: 'Remove' }))
    await page.getByText('Key in the drawer').waitFor({ state: 'detached' })
    await page.getByText('Spare key', { exact: true }).waitFor()
    await lookAt(clerk, 'spare-key')
  })
})

async function isSignedOut(page: Page): Promise<void> {
  await page.goto('/customers')
  await page.waitForURL(/\/sign-in/)
  await page.getByLabel('User name').waitFor()
}

async function type(page: Page, field: Locator, text: string): Promise<void> {
  await reach(page, field)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}

/** Up to the key that sends it. */
async function addKeyByKeyboard(page: Page, name: string): Promise<void> {
  await pressOn(page, page.getByRole('button', { name: 'Add a passkey' }))
  await type(page, page.getByRole('dialog').getByLabel('Name of this passkey'), name)
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: people.clerk.name }).click()
  await page.getByText('Sign out', { exact: true }).click()
}

async function removeKey(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Remove Chrome/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
}
