import type { Locator } from 'playwright-core'
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

export async function addPeople({ page }: Visitor): Promise<void> {
  await page.getByRole('link', { name: 'Accounts' }).click()
  for (const person of [people.clerk, people.analyst, people.auditor]) {
    await page.getByRole('button', { name: 'Add a person' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name', { exact: true }).fill(person.name)
    await form.getByLabel('User name').fill(person.username)
    if (person.role !== 'Staff') await choose(form, 'Staff', person.role)
    await form.getByLabel('Branch').fill('Changning')
    await form.getByLabel('Team').fill('Counter')
    await form.getByLabel('First password').fill(person.password)
    await form.getByRole('button', { name: 'Save' }).click()
    await row(page.getByRole('table'), person.name).waitFor()
  }
}

const row = (table: Locator, name: string): Locator => table.getByRole('row').filter({ hasText: name })
