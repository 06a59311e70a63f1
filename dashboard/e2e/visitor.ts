import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core'

/** One person at one browser of their own. */
export interface Visitor {
  name: string
  context: BrowserContext
  page: Page
  /** What must not happen on any page: errors in the console, broken content policy, failures of the server. */
  complaints: string[]
  /** taken only where E2E_SCREENSHOTS names a folder to keep them in */
  screenshot(name: string): Promise<void>
}

export interface VisitOptions extends BrowserContextOptions {
  /** another house that ours leads this person to; what its pages do is not ours */
  neighbour?: string
}

const folder = process.env['E2E_SCREENSHOTS']
if (folder) mkdirSync(folder, { recursive: true })

export async function visit(
  browser: Browser,
  origin: string,
  name: string,
  { neighbour, ...options }: VisitOptions = {},
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
  watch(page, [origin, ...(neighbour ? [neighbour] : [])], complaints)
  await watchPolicy(context, origin, complaints)
  return {
    name,
    context,
    page,
    complaints,
    screenshot: async (title) => {
      if (folder) await page.screenshot({ path: join(folder, `${title}.png`), animations: 'disabled' })
    },
  }
}

function watch(page: Page, [origin = '', ...neighbours]: string[], complaints: string[]): void {
  const isOf = (house: string, url: string): boolean => url.startsWith(`${house}/`)
  const isTheirs = (request: Request): boolean =>
    neighbours.some((house) => isOf(house, request.url()) || isOf(house, request.frame().url()))
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
    if (isTheirs(answer.request())) return
    const path = answer.url().slice(origin.length)
    if (answer.status() >= 500 || (answer.status() >= 400 && !path.startsWith('/api/')))
      complaints.push(`${answer.status()} ${answer.request().method()} ${path.split('?')[0]}`)
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!isOf(origin, url) && !isTheirs(request) && !/^(blob|data):/.test(url))
      complaints.push(`asks another house: ${url}`)
  })
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    if (why !== 'net::ERR_ABORTED' && !isTheirs(request))
      complaints.push(`${why} ${request.url().slice(origin.length)}`)
  })
}

/** What the content security policy refused, on any page and before any script of it runs. */
async function watchPolicy(context: BrowserContext, origin: string, complaints: string[]): Promise<void> {
  await context.exposeFunction('custodiaPolicyBroken', (what: string) => complaints.push(`content policy: ${what}`))
  await context.addInitScript((ours) => {
    if (location.origin !== ours) return
    const tell = (window as unknown as { custodiaPolicyBroken: (what: string) => Promise<number> }).custodiaPolicyBroken
    document.addEventListener(
      'securitypolicyviolation',
      ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
        void tell(`${effectiveDirective} ${blockedURI} ${sourceFile ?? ''}:${lineNumber}`)
      },
    )
  }, origin)
}
