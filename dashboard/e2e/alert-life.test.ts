import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { seeAlert } from './analyst.js'
import { addCustomer, programWithCookiesOf, scrape } from './api.js'
import { launchChromium } from './chromium.js'
import { inventCustomer, inventPhoto } from './customers.js'
import { barriersOn, faultsOf, languages, settled, themes, wear, widths } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { acceptInvitation, enrolApp, enrolPasskey } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const rules = fileURLToPath(new URL('rules', import.meta.url))
const sentence = 'opened 20 different customers’ photos'
const second = {
  name: 'Tang Analyst',
  username: 'tang.analyst',
  password: 'slow-rivers-turn-south',
  role: 'Analyst',
} as const

describe('an alert through its life, at two desks', () => {
  let system: RunningSystem
  let browser: Browser
  let gao: Visitor
  let tang: Visitor
  let links: Map<string, string>
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }
  const enterAsAnalyst = async (username: string, password: string): Promise<Visitor> => {
    const visitor = await enter(username)
    await acceptInvitation(visitor.page, links.get(username), password)
    await enrolApp(visitor.page)
    await visitor.page.waitForURL('**/live')
    return visitor
  }
  /** Eight looks at the page that is open. */
  const look = async (visitor: Visitor, name: string): Promise<string[]> => {
    const faults: string[] = []
    for (const width of widths)
      for (const language of languages)
        for (const theme of themes) {
          await visitor.page.setViewportSize({ width, height: 900 })
          await wear(visitor.page, language, theme)
          await settled(visitor.page)
          const title = `${name}-${language}-${theme}-${width}`
          const found = [...(await faultsOf(visitor.page)), ...(await barriersOn(visitor.page))]
          faults.push(...found.map((fault) => `${title}: ${fault}`))
          await visitor.screenshot(title)
        }
    await visitor.page.setViewportSize({ width: 1440, height: 900 })
    await wear(visitor.page, 'en', 'dark')
    return faults
  }

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ rules, env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  step('two analysts and a clerk are there', async () => {
    const admin = await enter('admin')
    const app = await setUp(admin, system.setupCode ?? '')
    links = await addPeople(admin, app, [people.clerk, people.analyst, second])
    gao = await enterAsAnalyst(people.analyst.username, people.analyst.password)
    tang = await enterAsAnalyst(second.username, second.password)
  })

  step('a scraper sets off the rule; the alert is one sentence with its numbers', async () => {
    const clerk = await enter('clerk')
    await acceptInvitation(clerk.page, links.get(people.clerk.username), people.clerk.password)
    await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
    const program = await programWithCookiesOf(clerk.context, system.origin)
    const photos: string[] = []
    for (let n = 0; n < 24; n++) photos.push(await addCustomer(program, inventCustomer(n), await inventPhoto(n)))
    await scrape(program, photos, 24, 50)
    await seeAlert(gao, sentence)
    await gao.page.getByRole('link').filter({ hasText: sentence }).click()
    const heading = gao.page.getByRole('heading', { level: 1 })
    await heading.filter({ hasText: /opened 20 different customers’ photos .*limit 20; too little history/ }).waitFor()
    await wear(gao.page, 'zh-CN', 'dark')
    await heading.filter({ hasText: /打开了 20 位不同客户的照片.*上限 20；历史太少/ }).waitFor()
    await wear(gao.page, 'en', 'dark')
  })

  step('Gao acknowledges by key, and Tang sees it without loading anything', async () => {
    await tang.page.goto(new URL(gao.page.url()).pathname)
    await tang.page.getByRole('button', { name: /^Acknowledge/ }).waitFor()
    await gao.page.keyboard.press('a')
    await tang.page.locator('header').getByText(`Acknowledged · ${people.analyst.name}`).waitFor()
  })

  step('Tang writes a verdict while Gao closes it: nothing is overwritten and nothing typed is lost', async () => {
    const dialogOf = ({ page }: Visitor) => page.getByRole('dialog').filter({ hasText: 'Close with a verdict' })
    await tang.page.keyboard.press('v')
    await dialogOf(tang).getByText('It happened, and it was allowed.').click()
    await dialogOf(tang).getByLabel('Note').fill('The branch confirmed its month-end check')
    await gao.page.keyboard.press('w')
    await gao.page.locator('header').getByText('In work').waitFor()
    await dialogOf(tang).getByRole('button', { name: 'Close the alert' }).click()
    await dialogOf(tang).getByText(`${people.analyst.name} was faster`).waitFor()
    await dialogOf(tang).getByText(`${people.analyst.name} took it into work`).waitFor()
    expect(await dialogOf(tang).getByLabel('Note').inputValue()).toBe('The branch confirmed its month-end check')
    await tang.screenshot('alert-conflict')
    await dialogOf(tang).getByRole('button', { name: 'Close it all the same' }).click()
    await dialogOf(tang).waitFor({ state: 'hidden' })
    await gao.page.locator('header').getByText('Closed: benign').waitFor()
  })

  step('a comment comes to the colleague as well', async () => {
    await gao.page.getByLabel('Comment').fill('Read the list, agreed')
    await gao.page.getByRole('button', { name: 'Comment' }).click()
    await tang.page.getByText('Read the list, agreed').waitFor()
    expect(await look(gao, 'alert-life')).toEqual([])
  })

  step('one click leads to the person’s hours, and from there to the search', async () => {
    await gao.page.keyboard.press('t')
    await gao.page.getByRole('heading', { name: `Timeline of ${people.clerk.name}` }).waitFor()
    await gao.page.getByRole('heading', { name: 'Devices' }).waitFor()
    expect(await look(gao, 'timeline-person')).toEqual([])
    await gao.page.getByRole('link', { name: 'What is usual' }).click()
    await gao.page.getByRole('heading', { name: `What is usual for ${people.clerk.name}` }).waitFor()
    await gao.page.getByRole('heading', { name: 'A week, by hour' }).waitFor()
    expect(await look(gao, 'usual-person')).toEqual([])
    await gao.page.goBack()
    await gao.page.getByRole('link', { name: 'Who looked at this customer' }).first().click()
    await gao.page.getByRole('heading', { name: 'Who looked', level: 1 }).waitFor()
    await gao.page.getByRole('cell', { name: people.clerk.name }).first().waitFor()
    expect(await look(gao, 'timeline-customer')).toEqual([])
  })

  step('the search keeps its filters in the address', async () => {
    await gao.page.goto('/events?rule=bulk-photo-view&outcome=refused')
    await settled(gao.page)
    const rows = await gao.page.getByRole('main').getByRole('row').count()
    expect(rows).toBeGreaterThan(1)
    await gao.page.reload()
    await settled(gao.page)
    expect(await gao.page.getByRole('main').getByRole('row').count()).toBe(rows)
    expect(await look(gao, 'search')).toEqual([])
  })

  step('a silence puts the rule aside for both, with its owner', async () => {
    await gao.page.goBack()
    await gao.page.goto('/alerts?state=all')
    await gao.page.getByRole('link').filter({ hasText: sentence }).click()
    await gao.page.getByRole('heading', { level: 1 }).filter({ hasText: sentence }).waitFor()
    await tang.page.goto('/alerts?state=all')
    await tang.page.getByRole('link').filter({ hasText: sentence }).waitFor()
    await gao.page.keyboard.press('z')
    const dialog = gao.page.getByRole('dialog').filter({ hasText: 'Silence:' })
    await dialog.getByLabel('Reason').fill('Month-end checks until tonight')
    await dialog.getByRole('button', { name: 'Silence', exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
    await tang.page.getByText(`${people.analyst.name}: Month-end checks until tonight`).waitFor()
    expect(await look(tang, 'alerts-silenced')).toEqual([])
  })
})
