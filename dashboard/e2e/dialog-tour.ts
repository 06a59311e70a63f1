import { expect } from '@jest/globals'
import type { Page } from 'playwright-core'
import { choose } from './choose.js'
import { openFirst } from './page-tour.js'
import { proveWithApp } from './sign-in.js'

/** by whom: what takes a fresh proof is proven by their app */
type Open = (page: Page, secret: string) => Promise<void>

const at =
  (path: string, button: RegExp): Open =>
  async (page) => {
    await page.goto(path)
    await page.getByRole('main').getByRole('button', { name: button }).first().click()
  }
const onCustomer =
  (button: RegExp): Open =>
  async (page) => {
    await openFirst(page, '/customers')
    await page.getByRole('main').getByRole('button', { name: button }).first().click()
  }
const onAlert =
  (key: string): Open =>
  async (page) => {
    await openFirst(page, '/alerts')
    await page.getByRole('button', { name: /^Silence/ }).waitFor() // what the keys do stands there
    await page.keyboard.press(key)
  }

export const request = 'The bank asks for the number'
/** A request for whom a search finds, filled in and not sent. */
export const askForApproval = async (page: Page): Promise<void> => {
  await page.goto('/approvals/new')
  await page.getByText('Identity check', { exact: true }).click()
  await page.getByText('Everybody whom this search finds').click()
  const somebody = page.getByRole('list', { name: 'Customers' }).getByRole('listitem').first()
  const [surname = ''] = await somebody.innerText()
  await page.getByPlaceholder('Name or its beginning').fill(surname)
  await page.getByLabel('Reason').fill(request)
}
/** What stands in the menu of somebody else's account: the administrator's own is the first. */
const onAccount =
  (entry: string): Open =>
  async (page) => {
    await page.goto('/admin/accounts')
    await page.getByRole('button', { name: / …$/ }).nth(1).click()
    const menu = page.locator('.n-dropdown-menu')
    await menu.getByText(entry, { exact: true }).click()
    await menu.waitFor({ state: 'hidden' })
  }

/** Another way to sign in is chosen for somebody: it takes a reason. */
const intoDoor =
  (door: string): Open =>
  async (page, secret) => {
    await onAccount('Edit')(page, secret)
    const form = page.getByRole('dialog')
    await choose(form, 'with a password here', door)
    await form.getByLabel('Reason').waitFor()
  }

/** What opens above a page, by whom, with English on it. What stays undone is not done. */
export const dialogs: Record<'manager' | 'auditor' | 'admin' | 'analyst', Record<string, Open>> = {
  manager: {
    purpose: onCustomer(/^Open ID front/),
    photo: async (page, secret) => {
      await onCustomer(/^Open ID front/)(page, secret)
      await page.keyboard.press('1')
      await page.getByRole('dialog', { name: 'ID front' }).getByRole('img').waitFor()
    },
    edit: onCustomer(/^Edit$/),
    export: onCustomer(/^Export…$/),
    consent: onCustomer(/^Record a consent$/),
    withdraw: onCustomer(/^Withdraw$/),
    upload: onCustomer(/^Add photos$/),
    delete: onCustomer(/^Delete$/),
    camera: async (page, secret) => {
      await onCustomer(/^Add photos$/)(page, secret)
      await page.getByRole('dialog').getByRole('button', { name: 'Camera' }).first().click()
      await page.getByRole('button', { name: 'Take the photo' }).waitFor()
    },
    emergency: async (page, secret) => {
      await onCustomer(/^Reveal ID number$/)(page, secret)
      const purpose = page.getByRole('button', { name: 'Identity check' })
      const refused = page.getByRole('button', { name: 'Ask for approval' })
      await purpose.or(refused).first().waitFor()
      if (await purpose.isVisible()) await purpose.click()
      await refused.click()
      await page.getByRole('checkbox', { name: /^Emergency/ }).click()
    },
    revoke: async (page) => {
      await page.goto('/approvals')
      await page.getByRole('button', { name: 'My requests' }).click()
      await page.getByRole('link', { name: request }).first().click()
      await page.getByRole('button', { name: 'Revoke' }).click()
    },
  },
  auditor: {
    schedule: at('/reports/schedules', /^New schedule$/),
    passkey: at('/me', /^Add a passkey$/),
    app: at('/me', /^Replace$/),
    password: at('/me', /^Change…$/),
    'own-token': at('/me', /^New API token$/),
    'step-up': at('/me', /^New codes…$/),
    keys: async (page) => {
      await page.goto('/reports')
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.keyboard.press('?')
    },
  },
  admin: {
    account: at('/admin/accounts', /^Add a person$/),
    movers: at('/admin/accounts', /^Many at once$/),
    'account-edit': onAccount('Edit'),
    'account-door-oidc': intoDoor('at the OpenID provider'),
    'account-door-ldap': intoDoor('with the directory’s password'),
    'account-reset': onAccount('Reset lost factors…'),
    'account-close': onAccount('Close account'),
    'account-raise': onAccount('Make administrator…'),
    invitation: async (page, secret) => {
      await at('/admin/accounts', /^Add a person$/)(page, secret)
      const form = page.getByRole('dialog')
      await form.getByLabel('Name', { exact: true }).fill('Somebody New')
      await form.getByLabel('User name').fill('somebody.new')
      await form.getByRole('button', { name: 'Invite' }).click()
      await proveWithApp(page, secret)
      await page.getByRole('dialog').getByLabel('One-time link').waitFor()
    },
    approve: async (page) => {
      await openFirst(page, '/approvals')
      await page.getByRole('button', { name: 'Approve' }).click()
    },
    policy: at('/policy', /^Change…$/),
    token: at('/admin/ingest', /^New token$/),
    channel: at('/admin/notices', /^New channel$/),
    'remove-demo': at('/admin/demo', /^Remove all demo data$/),
  },
  analyst: {
    assign: onAlert('i'),
    verdict: onAlert('v'),
    silence: onAlert('z'),
    reopen: async (page, secret) => {
      await onAlert('v')(page, secret)
      const dialog = page.getByRole('dialog')
      await dialog.getByText('It happened, and it was allowed.').click()
      await dialog.getByLabel('Note').fill('The branch confirmed it')
      await dialog.getByRole('button', { name: 'Close the alert' }).click()
      await page.getByRole('button', { name: /^Open again/ }).click()
    },
    freeze: async (page) => {
      await openFirst(page, '/people')
      await page.getByRole('main').getByRole('button', { name: 'Freeze…' }).click()
    },
    lift: at('/live', /^Lift…$/),
  },
}

/** A dialog that is open: it has a name, the focus is in it and stays, Escape closes it and gives the focus back. */
export async function leaveByKeyboard(page: Page, opened: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: /\S/ }).last()
  const isInside = () => dialog.evaluate((frame) => frame.contains(document.activeElement))
  expect({ opened, inside: await isInside() }).toEqual({ opened, inside: true })
  for (const key of [...Array<string>(25).fill('Tab'), ...Array<string>(3).fill('Shift+Tab')]) {
    await page.keyboard.press(key)
    expect({ opened, key, inside: await isInside() }).toEqual({ opened, key, inside: true })
  }
  const open = await page.getByRole('dialog').count()
  await page.keyboard.press('Escape')
  await page
    .getByRole('dialog')
    .nth(open - 1)
    .waitFor({ state: 'detached' })
  const left = await page.evaluate(() => document.activeElement?.tagName)
  expect({ opened, left }).not.toEqual({ opened, left: 'BODY' })
  if (open > 1) await leaveByKeyboard(page, `${opened}, below`)
}
