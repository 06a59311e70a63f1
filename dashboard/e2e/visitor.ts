import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** One person at one browser of their own. */
export interface Visitor {
  name: string
  context: BrowserContext
  page: Page
  /** What must not happen on any page: errors in the console, broken content policy, failures of the server. */
  complaints: string[]
  screenshot(name: string): Promise<void>
}

let folder: string | undefined
/** Where screenshots go: E2E_SCREENSHOTS keeps them. */
export const screenshotFolder = (): string => {
  folder ??= process.env['E2E_SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'custodia-screenshots-'))
  mkdirSync(folder, { recursive: true })
  return folder
}

export async function visit(
  browser: Browser,
  origin: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: origin,
    locale: 'en-US',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1440, height: 900 },
    ...options,
  })
  // Every step waits for what it needs; a machine under load may take its time.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  watch(page, origin, complaints)
  return {
    name,
    context,
    page,
    complaints,
    screenshot: async (title) => {
      await page.screenshot({ path: join(screenshotFolder(), `${title}.png`), animations: 'disabled' })
    },
  }
}

function watch(page: Page, origin: string, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    // Refusals are answers of the system, and the browser logs each; failures are judged by their status below.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      complaints.push(`console: ${text} (${message.location().url.slice(origin.length)})`)
    if (message.type() === 'warning' && /intlify|Vue warn|Content.Security.Policy/i.test(text))
      complaints.push(`console: ${text} (${message.location().url.slice(origin.length)})`)
  })
  page.on('response', (answer) => {
    const path = answer.url().slice(origin.length)
    if (answer.status() >= 500 || (answer.status() >= 400 && !path.startsWith('/api/')))
      complaints.push(`${answer.status()} ${answer.request().method()} ${path.split('?')[0]}`)
  })
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    if (why !== 'net::ERR_ABORTED') complaints.push(`${why} ${request.url().slice(origin.length)}`)
  })
}
