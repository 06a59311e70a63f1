import type { Locator } from 'playwright-core'

/** Picks an entry of a select field, found by what it shows now. */
export async function choose(form: Locator, shown: string, entry: string): Promise<void> {
  await form.locator('.n-base-selection').filter({ hasText: shown }).click()
  await form.page().locator('.n-base-select-option').getByText(entry, { exact: true }).click()
}
