import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { launchChromium } from './chromium.js'
import { askForApproval, dialogs, leaveByKeyboard, request } from './dialog-tour.js'
import { barriersOn, faultsOf, languages, openFirst, settled, themes, wear, widths } from './page-tour.js'
import { patience } from './patience.js'
import { signInWithApp, type AppCredentials } from './sign-in.js'
import { visit, type Visitor } from './visitor.js'

const first = (path: string) => (page: Page) => openFirst(page, path)
const to = (path: string) => async (page: Page) => void (await page.goto(path))

/** Who reads which pages; nobody of them is played by the demo, which would use up their codes. */
const tours = {
  manager: {
    customers: to('/customers'),
    customer: first('/customers'),
    'new-customer': to('/customers/new'),
    'approvals-none': to('/approvals'),
    'approval-ask': askForApproval,
    approval: async (page: Page) => {
      await page.getByRole('button', { name: 'Ask', exact: true }).click()
      await page.getByRole('heading', { name: request }).waitFor()
    },
    'my-people': to('/reviews'),
    policy: to('/policy'),
  },
  auditor: {
    reports: async (page: Page) => {
      await page.goto('/reports')
      await page.getByRole('button', { name: /^(Make report|生成报告)$/ }).click()
      await page.getByRole('article').waitFor()
    },
    schedules: to('/reports/schedules'),
    runs: to('/reports/runs'),
    policy: to('/policy'),
    approvals: to('/approvals'),
    'auditor-reviews': to('/access-reviews'),
  },
  admin: {
    accounts: to('/admin/accounts'),
    'approvals-waiting': to('/approvals'),
    'approval-decide': first('/approvals'),
    'admin-policy': to('/policy'),
    tokens: to('/admin/tokens'),
    'sealed-code-none': to('/admin/sealed-code'),
    reviews: async (page: Page) => {
      await page.goto('/access-reviews')
      await page.getByRole('button', { name: 'Begin a review now' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Begin a review now' }).click()
      await page.getByRole('main').getByRole('row').nth(1).waitFor()
    },
    review: first('/access-reviews'),
    'admin-people': to('/reviews'),
    ingest: to('/admin/ingest'),
    notices: to('/admin/notices'),
    demo: to('/admin/demo'),
  },
  analyst: {
    events: to('/events'),
    people: to('/people'),
    person: first('/people'),
    rules: to('/rules'),
    drills: async (page: Page) => {
      await page.goto('/drills')
      await page.getByRole('button', { name: 'Start a drill' }).click()
      await page.getByRole('main').getByRole('link').first().waitFor({ timeout: 150_000 })
    },
    me: to('/me'),
    alert: first('/alerts'),
    alerts: to('/alerts'),
    live: to('/live'),
  },
} as const
type Role = keyof typeof tours

/** Two people look around at once. The manager asks for what the administrator then decides. */
const pairs: [Role, Role][] = [
  ['manager', 'auditor'],
  ['admin', 'analyst'],
]

describe('every page and every dialog, in both languages, light and dark, wide and narrow', () => {
  let system: RunningSystem
  let browser: Browser
  let accounts: (AppCredentials & { role: string })[]

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ flags: ['--demo'], env: patience })
    const file = join(system.dataDir, 'demo-accounts.json')
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 200))
    accounts = JSON.parse(readFileSync(file, 'utf8')) as typeof accounts
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  const plain = async (page: Page) => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await wear(page, 'en', 'light')
  }
  /** Eight looks at the page that is open: language, theme, width. Of dialogs, four, in which any two of them meet. */
  const look = async (visitor: Visitor, name: string, every = true): Promise<string[]> => {
    const faults: string[] = []
    for (const width of widths)
      for (const language of languages)
        for (const theme of themes) {
          const crossed = (width === 1440) === ((language === 'en') === (theme === 'light'))
          if (!every && !crossed) continue
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
    // links that lead nowhere any more, and the envelope of the last administrator
    for (const name of ['invitation', 'recovery', 'sealed-code']) {
      await visitor.page.goto(`/${name}#${name}-that-nobody-was-given`)
      await settled(visitor.page)
      expect(await look(visitor, name)).toEqual([])
    }
    await visitor.context.close()
  })

  const tour = async (role: Role): Promise<string[]> => {
    const visitor = await visit(browser, system.origin, role)
    const account = accounts.find((each) => each.role === role)
    if (!account) throw new Error(`no demo account is ${role}`)
    await signInWithApp(visitor.page, account)
    await visitor.page.waitForURL((url) => url.pathname !== '/sign-in')
    const faults: string[] = []
    // a small notebook: every page of this role has its link in the bar
    await visitor.page.setViewportSize({ width: 1280, height: 800 })
    await visitor.page.getByRole('banner').getByRole('link').nth(1).waitFor()
    faults.push(...(await faultsOf(visitor.page)).map((fault) => `${role} at 1280 px: ${fault}`))
    for (const [name, open] of Object.entries(tours[role])) {
      await plain(visitor.page)
      await open(visitor.page)
      await settled(visitor.page)
      faults.push(...(await look(visitor, name)))
    }
    for (const [name, open] of Object.entries(dialogs[role])) {
      await plain(visitor.page)
      await open(visitor.page, account.totpSecret)
      await visitor.page.getByRole('dialog').last().waitFor()
      faults.push(...(await look(visitor, `dialog-${name}`, false)))
      await leaveByKeyboard(visitor.page, name)
    }
    await visitor.context.close()
    return faults
  }

  describe.each(pairs)('%s and %s at once', (...pair) => {
    let toured: PromiseSettledResult<string[]>[]
    beforeAll(async () => {
      toured = await Promise.allSettled(pair.map(tour))
    }, 900_000) // some hundred and fifty looks

    it.each(pair)('%s', (role) => {
      expect(toured[pair.indexOf(role)]).toEqual({ status: 'fulfilled', value: [] })
    })
  })
})
