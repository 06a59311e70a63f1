import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { addCustomer, programWithCookiesOf } from './api.js'
import { choose } from './choose.js'
import { launchChromium } from './chromium.js'
import { inventCustomer, inventPhoto } from './customers.js'
import { barriersOn, faultsOf, languages, settled, themes, wear, widths } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { acceptInvitation, enrolApp, enrolPasskey, proveWithApp } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const name = 'customer-made'
const limit = 3
const rightCases = `fires:
  - name: three in a row
    events: [{ repeat: ${limit}, event: { action: create } }]
    alerts: [{ at: ${limit}, value: ${limit}, group: { actor: clerk-1 } }]
silent:
  - name: two
    events: [{ repeat: 2, event: { action: create } }]
`

const appears = (locator: Locator): Promise<boolean> =>
  locator.waitFor({ timeout: 5000 }).then(
    () => true,
    () => false,
  )

/** Writing the way a browser fills a field brings styles of its own into an editor; pasting is what people do. */
const pasteInto = async (editor: Locator, text: string): Promise<void> => {
  await editor.click()
  await editor.press('ControlOrMeta+a')
  await editor.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

describe('a rule, from its first draft to the alert it raises', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let analyst: Visitor
  let [adminSecret, analystSecret] = ['', '']
  let links = new Map<string, string>()
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (who: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, who)
    visitors.push(visitor)
    return visitor
  }
  /** Eight looks at the page that is open. */
  const look = async (visitor: Visitor, title: string): Promise<string[]> => {
    const faults: string[] = []
    for (const width of widths)
      for (const language of languages)
        for (const theme of themes) {
          await visitor.page.setViewportSize({ width, height: 900 })
          await wear(visitor.page, language, theme)
          await settled(visitor.page)
          const shot = `${title}-${language}-${theme}-${width}`
          const found = [...(await faultsOf(visitor.page)), ...(await barriersOn(visitor.page))]
          faults.push(...found.map((fault) => `${shot}: ${fault}`))
          await visitor.screenshot(shot)
        }
    await visitor.page.setViewportSize({ width: 1440, height: 900 })
    await wear(visitor.page, 'en', 'dark')
    return faults
  }

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  step('an analyst and an administrator are there', async () => {
    admin = await enter('admin')
    adminSecret = await setUp(admin, system.setupCode ?? '')
    links = await addPeople(admin, adminSecret)
    analyst = await enter('analyst')
    await acceptInvitation(analyst.page, links.get(people.analyst.username), people.analyst.password)
    analystSecret = await enrolApp(analyst.page)
    await analyst.page.waitForURL('**/live')
  })

  step('the analyst writes a rule: what is wrong stands at its line, form and text are one', async () => {
    const { page } = analyst
    await page.goto('/rules')
    await page.getByRole('link', { name: 'New rule' }).click()
    await page.getByLabel('Name of the file').fill(name)
    const text = page.getByRole('textbox', { name: 'Text of the rule (YAML)' })
    await text.filter({ hasText: `name: ${name}` }).waitFor()
    await page.getByLabel('Fires from').fill('many')
    await page.getByText('A number, such as 20.').waitFor()
    await page.getByLabel('Fires from').fill(String(limit))
    await text.filter({ hasText: `gte: ${limit}` }).waitFor()
    const yaml = `# counts new customers
title: Customers made in a row
name: ${name}
level: high
correlation:
  type: event_count
  rules: [${name}-seen]
  group-by: [actor]
  timespan: 10m
  condition: { gte: ${limit} }
custodia:
  respond: [notify, freeze: 1h]
---
title: A customer was made
name: ${name}-seen
logsource: { product: custodia, category: access }
detection:
  selection: { action: created, outcome: granted }
  condition: selection and
`
    await pasteInto(text, yaml)
    await page.getByText('line 19').waitFor()
    await analyst.screenshot('rule-broken')
    await pasteInto(text, yaml.replace('selection and', 'selection').replace('created', 'create'))
    await page.getByText('It would change:').waitFor()
    await page.getByText('a second person puts it into force').first().waitFor()
    expect(await page.getByLabel('Responds').inputValue()).toBe('[notify, freeze: 1h]')
  })

  step('runs its cases in place', async () => {
    const { page } = analyst
    const cases = page.getByRole('textbox', { name: /^Cases/ })
    await pasteInto(cases, rightCases)
    await page.getByRole('button', { name: 'Run cases' }).click()
    await page.getByText('✓ three in a row').waitFor()
    await page.getByText('✓ two').waitFor()
    await pasteInto(cases, 'fires:\n  - name: no events\nsilent: two\n')
    await page.getByRole('button', { name: 'Run cases' }).click()
    await page.getByText('▲ the cases as a whole').waitFor()
    await page.getByText(/^line 2/).waitFor()
    expect(await barriersOn(page)).toEqual([])
    await pasteInto(cases, rightCases)
    await page.getByRole('button', { name: 'Run cases' }).click()
    await page.getByText('✓ two').waitFor()
  })

  step('saves it, backtests it and proposes it; alone the analyst cannot put it into force', async () => {
    const { page } = analyst
    await page.getByRole('button', { name: 'Save draft' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('New customers are invented to be sold')
    await dialog.getByRole('button', { name: 'Save draft' }).click()
    await page.waitForURL(`**/rules/${name}`)
    expect(await page.getByText('✓ two').count()).toBe(1) // the page that got its name goes on as it was
    await page.getByRole('button', { name: 'Backtest' }).click()
    await page.getByText('✓ Within the limits.').first().waitFor()
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await dialog.getByLabel('Why').fill('Backtested, nobody honest is hit')
    await dialog.getByRole('button', { name: 'Propose this version' }).click()
    await proveWithApp(page, analystSecret)
    await page.getByText('proposed', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Put into force' }).count()).toBe(0)
  })

  step('the administrator reads the difference and approves in another browser', async () => {
    const { page } = admin
    await page.goto('/rules')
    await page.getByRole('link', { name: `${name} · 1` }).click()
    await page.getByRole('button', { name: 'Put into force' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('Looked at the backtest')
    await dialog.getByRole('button', { name: 'Put into force' }).click()
    await proveWithApp(page, adminSecret)
    await page.getByText('in force', { exact: true }).waitFor()
  })

  step('what is in force is backtested as it is, and what it was approved by stays', async () => {
    const { page } = admin
    await page.getByText('One backtest of this version').waitFor()
    await page.getByText('✓ Within the limits.').first().waitFor()
    await page.getByRole('button', { name: 'Backtest', exact: true }).click()
    await page.getByText('As it is in force.').waitFor()
    await page.getByRole('region', { name: 'Backtest' }).getByText('Would freeze').waitFor()
    await page.reload()
    await page.getByText('✓ Within the limits.').first().waitFor()
  })

  step('it fires', async () => {
    const clerk = await enter('clerk')
    await acceptInvitation(clerk.page, links.get(people.clerk.username), people.clerk.password)
    await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
    const program = await programWithCookiesOf(clerk.context, system.origin)
    await analyst.page.goto('/live')
    for (let n = 0; n < limit - 1; n++) await addCustomer(program, inventCustomer(n), await inventPhoto(n))
    // the last one's photo comes after the freeze, or just before it
    const last = addCustomer(program, inventCustomer(limit), await inventPhoto(limit))
    await last.catch((error: unknown) => expect(String(error)).toContain('account_frozen'))
    const alerts = analyst.page.getByRole('region', { name: 'Alerts' })
    await alerts
      .getByText('Customers made in a row')
      .or(alerts.getByRole('button', { name: 'new ↑' }))
      .first()
      .waitFor()
  })

  step('its alert is read from the list of rules', async () => {
    const { page } = analyst
    await page.goto('/rules')
    await page.getByRole('row', { name: 'Customers made in a row' }).getByRole('link', { name: '1 alert' }).click()
    await page.getByRole('main').locator('a[href^="/alerts/"]').first().click()
    // by where it leads: in the list the alert itself is a link of the same words, and may still stand there
    await page.getByRole('main').locator(`a[href="/rules/${name}"]`).click()
    await page.waitForURL(`**/rules/${name}`)
  })

  step('the list is searched, filtered and ordered, and its address keeps that', async () => {
    const { page } = analyst
    await page.goto('/rules')
    const rules = page.getByRole('table').locator('tbody tr')
    await page.getByLabel('Title or name').fill('made ROW')
    await page.getByText(/^1 of \d+ rules$/).waitFor()
    await page.getByRole('row', { name: 'Customers made in a row' }).waitFor()
    const filters = page.getByRole('search')
    await choose(filters, 'whatever it does', 'alerts only')
    await page.getByText('No rule matches').waitFor()
    expect(await look(analyst, 'rules-none')).toEqual([])
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await choose(filters, 'whatever it does', 'freezes')
    await page.getByRole('button', { name: 'Fired in 30 days' }).click()
    await page
      .getByRole('columnheader', { name: 'Fired in 30 days' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
    await page.reload()
    await page
      .getByRole('columnheader', { name: 'Fired in 30 days' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
    await rules.first().getByRole('link', { name: 'Customers made in a row' }).waitFor() // of all that freeze it alone has fired
    expect(new URL(page.url()).search).toBe('?does=freeze&sort=-rate')
  })

  step('rules from files are backtested and put into force together; what freezes waits for another', async () => {
    for (const rule of ['first-file', 'second-file', 'third-file'])
      await writeFile(
        join(system.dataDir, 'rules', `${rule}.yml`),
        `title: From a file\nname: ${rule}\nlogsource: { product: custodia, category: access }\ndetection: { selection: { actor: nobody }, condition: selection }\n${rule === 'third-file' ? 'custodia: { respond: [freeze: 1h] }\n' : ''}`,
      )
    const { page } = admin
    await page.getByRole('link', { name: 'All rules' }).click()
    await page.getByRole('link', { name: 'New rule' }).waitFor()
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await page.reload())
      if (await appears(page.getByText('3 changes wait to be approved'))) break
    await page.getByRole('button', { name: 'Difference, first-file · 1' }).click()
    await page.getByRole('button', { name: 'All lines' }).press('Enter')
    await page.getByRole('button', { name: 'All lines', pressed: true }).waitFor()
    await page.getByRole('checkbox', { name: 'All 3' }).click()
    await page.getByRole('button', { name: 'Backtest 3' }).click()
    await page.getByText('✓ backtest within the limits').nth(2).waitFor()
    expect(await look(admin, 'proposals')).toEqual([])
    await page.getByRole('button', { name: 'Put 3 into force' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('All are read')
    await dialog.getByRole('button', { name: 'Put 3 into force' }).click()
    await proveWithApp(page, adminSecret)
    await page.getByRole('link', { name: 'From a file' }).nth(1).waitFor()
    await page.getByText('2 in force, 1 proposed to a second person, 0 refused').waitFor()
    expect(await look(admin, 'proposed')).toEqual([])
    const second = analyst.page
    await second.goto('/rules')
    await second.getByRole('checkbox', { name: 'third-file · 1' }).click()
    await second.getByRole('button', { name: 'Put 1 into force' }).click()
    await second.getByRole('dialog').getByLabel('Why').fill('Read it, too')
    await second.getByRole('dialog').getByRole('button', { name: 'Put 1 into force' }).click()
    await proveWithApp(second, analystSecret)
    await second.getByRole('link', { name: 'From a file' }).nth(2).waitFor()
    expect(await second.getByText('waits to be approved').count()).toBe(0)
  })

  step('the lists that rules name are written, tried and put into force as rules are', async () => {
    const { page } = analyst
    await page.getByRole('link', { name: 'Placeholders' }).click()
    const text = page.getByRole('textbox', { name: 'Names, and the values that they stand for (YAML)' })
    await pasteInto(text, 'vips:\n')
    await page.getByText('`vips` has an empty value').waitFor()
    expect(await look(analyst, 'placeholders')).toEqual([])
    await pasteInto(text, 'vips: [customer-1, customer-2]\n')
    await page.getByText('It judges as the version in force does.').waitFor()
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Save draft' }).click()
    await dialog.getByLabel('Why').fill('Customers whom the papers write about')
    await dialog.getByRole('button', { name: 'Save draft' }).click()
    await page.getByRole('button', { name: 'Backtest' }).click()
    await page.getByText('No rule that runs would change').waitFor()
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await dialog.getByLabel('Why').fill('Nothing reads it yet')
    await dialog.getByRole('button', { name: 'Propose this version' }).click()
    await proveWithApp(page, analystSecret)
    await page.getByText('in force', { exact: true }).waitFor()
  })

  step('a rule for the events of another system is told what to write instead', async () => {
    const { page } = analyst
    await page.getByRole('link', { name: 'All rules' }).click()
    await page.getByRole('link', { name: 'New rule' }).click()
    await page.getByLabel('Name of the file').fill('sshd-failures')
    await pasteInto(
      page.getByRole('textbox', { name: 'Text of the rule (YAML)' }),
      'title: SSH failures\nname: sshd-failures\nlogsource: { product: linux, service: sshd }\ndetection: { words: [failed], condition: words }\ncustodia: { respond: [freeze: 1h] }\n',
    )
    await page.getByText('no event here is of `product: linux, service: sshd`').first().waitFor()
    await page.getByText('line 3').first().waitFor()
    expect(await look(analyst, 'foreign')).toEqual([])
    await page.getByRole('link', { name: 'All rules' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
  })

  step('another version beside the one in force is read in both languages and themes, wide and narrow', async () => {
    const { page } = analyst
    await page.goto(`/rules/${name}`)
    await page.getByLabel('Fires from').fill('9')
    const dialog = page.getByRole('dialog')
    await page.getByRole('link', { name: 'All rules' }).click()
    await dialog.getByText('Leave without saving?').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Save draft' }).click()
    await dialog.getByLabel('Why').fill('Three was too few')
    await dialog.getByRole('button', { name: 'Save draft' }).click()
    await page.getByRole('button', { name: 'Difference, Version 2' }).click()
    expect(await look(analyst, 'rule')).toEqual([])
    await page.goto('/rules')
    await page.getByRole('link', { name: 'Customers made in a row' }).waitFor()
    await page.getByText('One draft is being worked on').waitFor()
    expect(await look(analyst, 'rules')).toEqual([])
  })
})
