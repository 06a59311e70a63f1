import type { Locator, Page } from 'playwright-core'
import { choose } from './choose.js'
import { people } from './people.js'
import { enrolApp, proveWithApp } from './sign-in.js'
import type { Visitor } from './visitor.js'

/** First run: account, authenticator app, no demo data. Returns the secret of the app. */
export const setUp = (visitor: Visitor, setupCode: string): Promise<string> => setUpWith(enrolApp, visitor, setupCode)

/** First run, with this factor. */
export async function setUpWith<T>(
  enrol: (page: Page) => Promise<T>,
  { page }: Visitor,
  setupCode: string,
): Promise<T> {
  await page.goto('/')
  await page.getByLabel('Setup code').fill(setupCode)
  await page.getByLabel('Your name').fill(people.admin.name)
  await page.getByLabel('User name').fill(people.admin.username)
  await page.getByLabel('Password').fill(people.admin.password)
  await page.getByRole('button', { name: 'Create administrator' }).click()
  const factor = await enrol(page)
  await page.getByRole('button', { name: 'Start empty' }).click()
  await page.getByRole('heading', { name: 'Before you rely on it' }).waitFor()
  await page.getByRole('link', { name: 'Live', exact: true }).click()
  await page.getByRole('heading', { name: 'Live' }).waitFor()
  return factor
}

type Newcomer = Pick<(typeof people)[keyof typeof people], 'role'> & { name: string; username: string }

/**
 * Invites everybody by one file, which takes one proof, where each form takes one of its own; resolves with their links, by
 * user name. Without a secret a passkey proves it, which it does at once.
 */
export async function addPeople(
  { page }: Visitor,
  secret: string | undefined,
  who: readonly Newcomer[] = [people.clerk, people.analyst, people.auditor],
): Promise<Map<string, string>> {
  const lines = who.map(
    ({ username, name, role }) => `${username},joins,${name},${role.toLowerCase()},Counter,Changning`,
  )
  const csv = ['username,status,display_name,role,team,branch', ...lines].join('\n')
  await page.getByRole('link', { name: 'Accounts', exact: true }).click()
  await page.getByRole('button', { name: 'Many at once' }).click()
  const dialog = page.getByRole('dialog', { name: 'Many join or leave at once' })
  const file = { name: 'joiners.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }
  await dialog.locator('input[type=file]').setInputFiles(file)
  await dialog.getByRole('button', { name: 'Carry it out' }).click()
  const applied = page.waitForResponse((answer) => answer.url().endsWith('/people-file/apply') && answer.ok())
  await page.getByRole('dialog').getByRole('button', { name: 'Carry it out' }).last().click()
  if (secret) await proveWithApp(page, secret)
  const { items } = (await (await applied).json()) as { items: { username: string; link?: string }[] }
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await dialog.waitFor({ state: 'hidden' })
  for (const { name } of who) await row(page.getByRole('table'), name).waitFor()
  return new Map(items.map(({ username, link = '' }) => [username, link]))
}

/**
 * Proposes a new administrator; the proposer's passkey proves each step at once. While there is no other, it takes effect after
 * the waiting time; then they are invited.
 */
export async function addAdministrator(
  { page }: Visitor,
  person: (typeof people)[keyof typeof people],
  whileItWaits: () => Promise<void>,
): Promise<string> {
  await page.goto('/admin/accounts')
  await page.getByRole('button', { name: 'Add a person' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name', { exact: true }).fill(person.name)
  await form.getByLabel('User name').fill(person.username)
  await choose(form, 'Staff', person.role)
  await form.getByText('stays closed until another administrator confirms').waitFor()
  await form.getByRole('button', { name: 'Invite' }).click()
  const proposal = page.getByRole('dialog', { name: `Make ${person.name} administrator` })
  await proposal.getByLabel('Reason').fill('Nobody is to be the only one')
  await proposal.getByRole('button', { name: 'Propose' }).click()
  await page.getByRole('region', { name: 'Waits for a second administrator' }).waitFor()
  await whileItWaits()
  const opened = row(page.getByRole('table'), person.name).filter({ hasText: 'invitation is over' })
  await untilShown(page, opened)
  await page.getByRole('button', { name: `${person.name} …` }).click()
  await page.getByText('New invitation link').click()
  return readLink(page)
}

/** Looks again until it is there. */
export async function untilShown(page: Page, what: Locator): Promise<void> {
  for (let look = 0; look < 60 && !(await what.isVisible()); look++) {
    await page.waitForTimeout(1000)
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForTimeout(300)
  }
  await what.waitFor()
}

async function readLink(page: Page): Promise<string> {
  const shown = page.getByRole('dialog').filter({ hasText: 'Invitation for' })
  const link = await shown.getByLabel('One-time link').inputValue()
  await shown.getByRole('button', { name: 'Close' }).last().click()
  await shown.waitFor({ state: 'hidden' })
  return link
}

const row = (table: Locator, name: string): Locator => table.getByRole('row').filter({ hasText: name })
