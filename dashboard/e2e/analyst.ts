import { proveWithApp } from './sign-in.js'
import type { Visitor } from './visitor.js'

/** Changes when the page is loaded anew, and only then. */
export const loadOf = ({ page }: Visitor): Promise<number> => page.evaluate(() => performance.timeOrigin)

/** Waits on the live page until an alert that says `text` is there; new ones that wait above the list are let in. */
export async function seeAlert({ page }: Visitor, text: string): Promise<void> {
  const alerts = page.getByRole('region', { name: 'Alerts' })
  const line = alerts.getByRole('link').filter({ hasText: text })
  const waiting = alerts.getByRole('button', { name: 'new ↑' })
  do {
    await line.or(waiting).first().waitFor()
    if (await waiting.isVisible()) await waiting.click()
  } while (!(await line.isVisible()))
}

/** Opens the alert from the live page; returns how many events its evidence shows. */
export async function readEvidence({ page }: Visitor, text: string): Promise<number> {
  await page.getByRole('region', { name: 'Alerts' }).getByRole('link').filter({ hasText: text }).click()
  await page.getByRole('heading', { name: text }).waitFor()
  const evidence = page.locator('section').filter({ hasText: 'Evidence' }).getByRole('row')
  await evidence.nth(1).waitFor()
  return (await evidence.count()) - 1
}

/** What a rule of high severity froze, nobody lifts alone. */
export async function askColleague({ page }: Visitor, reason: string, appSecret: string): Promise<void> {
  await page.getByRole('button', { name: 'Lift…' }).click()
  await page.getByLabel('Reason').fill(reason)
  await page.getByRole('button', { name: 'Ask a colleague to lift it' }).click()
  await proveWithApp(page, appSecret)
  await page.getByText('A colleague can lift the freeze').waitFor()
}

export async function lift({ page }: Visitor, reason: string, appSecret: string): Promise<void> {
  await page.getByRole('button', { name: 'Lift…' }).click()
  await page.getByLabel('Reason').fill(reason)
  await page.getByRole('button', { name: 'Lift the freeze' }).click()
  await proveWithApp(page, appSecret)
  await page.getByText('is lifted.').waitFor()
}
