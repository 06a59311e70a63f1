import { readFile } from 'node:fs/promises'
import { choose } from './choose.js'
import type { Visitor } from './visitor.js'

export async function makeReportOfToday({ page }: Visitor): Promise<void> {
  await choose(page.getByRole('main'), 'This week', 'Today')
  await page.getByRole('button', { name: 'Make report' }).click()
  await page.getByRole('heading', { name: 'Access report' }).waitFor()
}

/** Downloads the report on the screen as CSV; returns the ids of the events in it, as often as they are in it. */
export async function downloadedEventIds({ page }: Visitor): Promise<string[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ])
  const csv = await readFile(await download.path(), 'utf8')
  return [...csv.matchAll(/,"?([\w:.-]+)"?\r\n/g)].map(([, id]) => id ?? '').slice(1) // the first line names the columns
}
