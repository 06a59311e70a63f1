import type { Locator, Page } from 'playwright-core'
import { choose } from './choose.js'
import { people } from './people.js'
import { enrolApp } from './sign-in.js'
import type { Visitor } from './visitor.js'

/** First run: account, authenticator app, no demo data. Returns the secret of the app. */
export async function setUp({ page }: Visitor, setupCode: string): Promise<string> {
  await page.goto('/')
  await page.getByLabel('Setup code').fill(setupCode)
  await page.getByLabel('Your name').fill(people.admin.name)
  await page.getByLabel('User name').fill(people.admin.username)
  await page.getByLabel('Password').fill(people.admin.password)
  await page.getByRole('button', { name: 'Create administrator' }).click()
  const secret = await enrolApp(page)
  await page.getByRole('button', { name: 'Start empty' }).click()
  await page.waitForURL('**/live')
  await page.getByRole('heading', { name: 'Live' }).waitFor()
  return secret
}

/** Invites everybody; resolves with their links, by user name. */
export async function addPeople({ page }: Visitor): Promise<Map<string, string>> {
  const links = new Map<string, string>()
  await page.getByRole('link', { name: 'Accounts' }).click()
  for (const person of [people.clerk, people.analyst, people.auditor]) {
    await page.getByRole('button', { name: 'Add a person' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name', { exact: true }).fill(person.name)
    await form.getByLabel('User name').fill(person.username)
    if (person.role !== 'Staff') await choose(form, 'Staff', person.role)
    await form.getByLabel('Branch').fill('Changning')
    await form.getByLabel('Team').fill('Counter')
    await form.getByRole('button', { name: 'Invite' }).click()
    links.set(person.username, await readLink(page))
    await row(page.getByRole('table'), person.name).waitFor()
  }
  return links
}

async function readLink(page: Page): Promise<string> {
  const shown = page.getByRole('dialog').filter({ hasText: 'Invitation for' })
  const link = await shown.getByLabel('One-time link').inputValue()
  await shown.getByRole('button', { name: 'Close' }).last().click()
  await shown.waitFor({ state: 'hidden' })
  return link
}

const row = (table: Locator, name: string): Locator => table.getByRole('row').filter({ hasText: name })
