import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Visitor } from './visitor.js'

/** The four faces that every page has, and the widths it is read at. */
export const languages = ['en', 'zh-CN'] as const
export const themes = ['light', 'dark'] as const
export const widths = [1440, 390] as const

/** Words that a text of the dashboard is kept under, such as `records.search.tag`: nobody should ever see one. */
const textKey =
  /\b(?:common|problems|auth|admin|live|alerts|events|people|rules|reports|reviews|records|recovery|notices|drills|policy|approvals)\.[a-z_]+(?:\.[a-z_]+)*\b/

/** Choices are kept by the browser; a page follows them without being loaded anew. The switches are reached under an open dialog, too. */
export async function wear(page: Page, language: (typeof languages)[number], theme: (typeof themes)[number]) {
  const now = await page.evaluate(() => ({
    language: document.documentElement.lang,
    theme: document.documentElement.dataset['theme'],
  }))
  if (now.language !== language) await page.getByRole('button', { name: /^中 ?\/ ?EN$/ }).dispatchEvent('click')
  if (now.theme !== theme) await page.getByRole('button', { name: /^(Switch to|切换到)/ }).dispatchEvent('click')
  await page.waitForFunction(
    ([lang, dress]) => document.documentElement.lang === lang && document.documentElement.dataset['theme'] === dress,
    [language, theme],
  )
}

/** Pages that a link on another page leads to are found by that link. */
export async function openFirst(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.getByRole('main').locator(`a[href^="${path}/"]`).first().click({ timeout: 150_000 })
  await page.waitForURL(({ pathname }) => pathname.startsWith(`${path}/`)) // until then the list is what stands there
}

/** What is wrong with a page as it stands: texts that are missing, a page wider than its window, a bar whose links are cut. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { texts, spill, cut } = await page.evaluate(() => {
    const spoken = ['aria-label', 'placeholder', 'title', 'alt'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name) ?? ''),
    )
    const root = document.documentElement
    const bar = document.querySelector('header nav')
    const isShown = bar?.checkVisibility({ visibilityProperty: true })
    // names of the system, such as a permission's, stand in `code` and are no texts
    const body = [...document.querySelectorAll('code')].reduce(
      (text, { innerText }) => text.replace(innerText, ''),
      document.body.innerText,
    )
    return {
      texts: [document.title, body, ...spoken],
      spill: Math.max(0, root.scrollWidth - root.clientWidth),
      cut: bar && isShown ? Math.max(0, bar.scrollWidth - bar.clientWidth) : 0,
    }
  })
  const missing = texts.flatMap((text) => textKey.exec(text)?.[0] ?? [])
  const main = texts[1]?.trim() ?? ''
  return [
    ...missing.map((key) => `text missing: ${key}`),
    ...(spill ? [`${spill} px wider than the window`] : []),
    ...(cut ? [`${cut} px of the top bar are cut off`] : []),
    ...(main.length < 40 ? ['nearly empty'] : []),
  ]
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds that bars somebody with a keyboard, a screen reader or weak eyes (WCAG 2.2 A and AA, and best practices). */
export async function barriersOn(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  await still(page) // half faded in, every text is too pale
  const { violations } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    return axe.run({ resultTypes: ['violations'] })
  })
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 160)}`))
}

/** What is wrong with the page that is open, in both languages and themes, wide and narrow; leaves it as it was. */
export async function faultsOfEveryFace({ page, screenshot }: Visitor, name: string): Promise<string[]> {
  const found: string[] = []
  for (const width of widths)
    for (const language of languages)
      for (const theme of themes) {
        const title = `${name}-${language}-${theme}-${width}`
        await page.setViewportSize({ width, height: 900 })
        await wear(page, language, theme)
        await settled(page)
        found.push(...[...(await faultsOf(page)), ...(await barriersOn(page))].map((fault) => `${title}: ${fault}`))
        await screenshot(title)
      }
  await page.setViewportSize({ width: 1440, height: 900 })
  await wear(page, 'en', 'light')
  return found
}

/** The page is there, nothing on it stands in for what is still loading, and what was loaded is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const main = document.querySelector('main')
    return main?.textContent?.trim() && !main.querySelector('.n-skeleton, [aria-busy="true"]')
  })
  await still(page)
}

/** Nothing fades or moves any more: themes, menus, messages. What turns for ever does not count. */
async function still(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))) // what begins, has begun
  await page.waitForFunction(() =>
    document.getAnimations().every((each) => each.effect?.getComputedTiming().iterations === Infinity),
  )
}
