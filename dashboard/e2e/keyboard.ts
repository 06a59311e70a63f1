import type { Locator, Page } from 'playwright-core'

export const hasFocus = (what: Locator): Promise<boolean> => what.evaluate((each) => each === document.activeElement)

/** By Tab, as far as it takes. */
export async function reach(page: Page, what: Locator): Promise<void> {
  await what.waitFor()
  for (let pressed = 0; pressed < 150 && !(await hasFocus(what)); pressed++) await page.keyboard.press('Tab')
  if (!(await hasFocus(what))) throw new Error(`not reached by Tab: ${what.toString()}`)
}

export async function pressOn(page: Page, what: Locator): Promise<void> {
  await reach(page, what)
  await page.keyboard.press('Enter')
}
