import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { launchChromium } from './chromium.js'
import { barriersOn, faultsOf, languages, settled, themes, wear, widths } from './page-tour.js'
import { signInWithApp, type AppCredentials } from './sign-in.js'
import { visit, type Visitor } from './visitor.js'

/** Pages that a link on another page leads to are found by that link. */
const first = (path: string) => async (page: Page) => {
  await page.goto(path)
  await page.getByRole('main').locator(`a[href^="${path}/"]`).first().click({ timeout: 150_000 })
}
const to = (path: string) => async (page: Page) => void (await page.goto(path))

/** Who reads which pages; nobody of them is played by the demo, which would use up their codes. */
const tours = {
  manager: { customers: to('/customers'), customer: first('/customers'), 'new-customer': to('/customers/new') },
  auditor: {
    reports: async (page: Page) => {
      await page.goto('/reports')
      await page.getByRole('button', { name: /^(Make report|生成报告)$/ }).click()
      await page.getByRole('article').waitFor()
    },
    schedules: to('/reports/schedules'),
    runs: to('/reports/runs'),
  },
  admin: { accounts: to('/admin/accounts'), ingest: to('/admin/ingest'), demo: to('/admin/demo') },
  // Last, because the demo's insider takes a while to be caught.
  analyst: {
    events: to('/events'),
    people: to('/people'),
    person: first('/people'),
    rules: to('/rules'),
    me: to('/me'),
    alert: first('/alerts'),
    alerts: to('/alerts'),
    live: to('/live'),
  },
} as const

describe('every page, in both languages, light and dark, wide and narrow', () => {
  let system: RunningSystem
  let browser: Browser
  let accounts: (AppCredentials & { role: string })[]

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ flags: ['--demo'] })
    const file = join(system.dataDir, 'demo-accounts.json')
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 200))
    accounts = JSON.parse(readFileSync(file, 'utf8')) as typeof accounts
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  /** Eight looks at the page that is open: language, theme, width. */
  const look = async (visitor: Visitor, name: string): Promise<string[]> => {
    const faults: string[] = []
    for (const width of widths)
      for (const language of languages)
        for (const theme of themes) {
          await visitor.page.setViewportSize({ width, height: width > 800 ? 900 : 844 })
          await wear(visitor.page, language, theme)
          await settled(visitor.page)
          const title = `${name}-${language}-${theme}-${width}`
          // what bars a reader is the same in every language, and looking for it takes a second
          const barriers = language === 'en' ? await barriersOn(visitor.page) : []
          faults.push(...[...(await faultsOf(visitor.page)), ...barriers].map((fault) => `${title}: ${fault}`))
          await visitor.screenshot(title)
        }
    return [...faults, ...visitor.complaints.splice(0).map((complaint) => `${name}: ${complaint}`)]
  }

  it('sign-in, in the language of the browser', async () => {
    const visitor = await visit(browser, system.origin, 'stranger', { locale: 'zh-CN' })
    await visitor.page.goto('/')
    await visitor.page.getByRole('button', { name: '登录', exact: true }).waitFor()
    expect(await look(visitor, 'sign-in')).toEqual([])
    await visitor.context.close()
  })

  it.each(Object.keys(tours) as (keyof typeof tours)[])('%s', async (role) => {
    const visitor = await visit(browser, system.origin, role)
    const account = accounts.find((each) => each.role === role)
    if (!account) throw new Error(`no demo account is ${role}`)
    await signInWithApp(visitor.page, account)
    await visitor.page.waitForURL((url) => url.pathname !== '/sign-in')
    const faults: string[] = []
    for (const [name, open] of Object.entries(tours[role])) {
      await visitor.page.setViewportSize({ width: 1440, height: 900 })
      await open(visitor.page)
      await settled(visitor.page)
      faults.push(...(await look(visitor, name)))
    }
    expect(faults).toEqual([])
    await visitor.context.close()
  })
})
