import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import { SignedReview } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import type { Browser } from 'playwright-core'
import { custodia } from '../../deploy/testing/command.js'
import { startSystemWithRecords } from '../../deploy/testing/system-with-records.js'
import { removeDataDir } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { choose } from './choose.js'
import { launchChromium } from './chromium.js'
import { barriersOn, faultsOfEveryFace, settled } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { acceptInvitation, enrolApp, proveWithApp, signInWithPassword } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

describe('everybody’s rights are looked at again', () => {
  let system: Awaited<ReturnType<typeof startSystemWithRecords>>
  let browser: Browser
  let links: Map<string, string>
  let secret: string
  let managersSecret: string
  let admin: Visitor
  let manager: Visitor
  let clerk: Visitor
  let auditor: Visitor
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: 'admin' | 'manager' | 'clerk' | 'auditor', first: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    const { username, password } = people[name]
    if (name === 'admin') return visitor
    await acceptInvitation(visitor.page, links.get(username), password)
    const enrolled = await enrolApp(visitor.page)
    if (name === 'manager') managersSecret = enrolled
    await visitor.page.waitForURL(first)
    return visitor
  }
  const rowOf = ({ page }: Visitor, name: string) => page.getByRole('row').filter({ hasText: name })

  /** the entry in the top bar, with how many wait there */
  const myPeople = ({ page }: Visitor, many: number) =>
    page.getByRole('link', { name: many ? new RegExp(`^My people ?${many} waiting for you$`) : /^My people$/ })

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystemWithRecords({ env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  step('the administrator says who the clerk’s manager is, and begins a review', async () => {
    admin = await enter('admin', '')
    secret = await setUp(admin, system.setupCode ?? '')
    links = await addPeople(admin, secret, [people.clerk, people.auditor, people.manager])
    const { page } = admin
    await page.getByRole('button', { name: `${people.clerk.name} …` }).click()
    await page.getByText('Edit', { exact: true }).click()
    await choose(page.getByRole('dialog'), 'the administrators', people.manager.name)
    await page.getByRole('dialog').getByLabel('Private phones').fill('13912345678; 13812345678')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await proveWithApp(page, secret)
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    // known from now on, and never shown
    await page.getByRole('button', { name: `${people.clerk.name} …` }).click()
    await page.getByText('Edit', { exact: true }).click()
    await page.getByRole('dialog').getByPlaceholder('known; leave empty to keep it').waitFor()
    expect(await page.getByRole('dialog').getByLabel('Private phones', { exact: true }).inputValue()).toBe('')
    await settled(page) // the menu fades
    expect(await barriersOn(page)).toEqual([])
    await admin.screenshot('account-traits')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Access reviews' }).click()
    await page.getByText('No review yet').waitFor()
    await page.getByRole('button', { name: 'Begin a review now' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Begin a review now' }).click()
    await page.getByText('0 of 4').waitFor()
  })

  step('the manager finds one person to decide on, and nobody else', async () => {
    manager = await enter('manager', '**/customers')
    const { page } = manager
    await myPeople(manager, 1).click()
    await rowOf(manager, people.clerk.name).waitFor()
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2)
    expect(await faultsOfEveryFace(manager, 'my-people')).toEqual([])
  })

  step('what the manager removes is gone at once: the clerk’s open page is signed out', async () => {
    clerk = await enter('clerk', '**/customers')
    const { page } = manager
    await page.getByRole('button', { name: `Remove the rights of ${people.clerk.name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('left the branch')
    await manager.screenshot('review-remove')
    await dialog.getByRole('button', { name: 'Remove the rights' }).click()
    await proveWithApp(page, managersSecret)
    await rowOf(manager, people.clerk.name).getByText('removed').waitFor()
    await myPeople(manager, 0).waitFor()
    await clerk.page.goto('/customers')
    await clerk.page.waitForURL('**/sign-in**')
  })

  step('an administrator gives the rights back, and confirms everybody else’s but their own', async () => {
    const { page } = admin
    await page.getByRole('link', { name: 'Open', exact: true }).click()
    await page.getByRole('button', { name: `Give ${people.clerk.name} the rights back` }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('it was the other Lin')
    await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click()
    await proveWithApp(page, secret)
    await page.getByText('it was the other Lin').waitFor()
    await page.getByRole('link', { name: 'My people' }).click()
    await page.getByRole('button', { name: 'Confirm the rest (2)' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm the rest (2)' }).click()
    await page.getByText('Nobody left to decide on').waitFor()
    const shown = await page.locator('td b').allInnerTexts()
    expect(shown.sort()).toEqual([people.clerk.name, people.auditor.name, people.manager.name].sort()) // not their own
  })

  step('the auditor sees who is not decided upon', async () => {
    auditor = await enter('auditor', '**/reports')
    const { page } = auditor
    await page.getByRole('link', { name: 'Access reviews' }).click()
    await page.getByText('3 of 4').waitFor()
    expect(await faultsOfEveryFace(auditor, 'access-reviews')).toEqual([])
    await page.getByRole('link', { name: 'Open', exact: true }).click()
    await page.getByText('it was the other Lin').waitFor()
    expect(await faultsOfEveryFace(auditor, 'access-review')).toEqual([])
    // on a telephone, too, a decision is read without scrolling
    await page.setViewportSize({ width: 390, height: 844 })
    const list = page.getByRole('region', { name: 'Access review' })
    expect(await list.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0)
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByText('not decided only').click()
    await rowOf(auditor, people.clerk.name).waitFor({ state: 'hidden' })
    await rowOf(auditor, people.admin.name).waitFor()
  })

  step('the result of a review that is closed is downloaded, and the command knows its signature', async () => {
    await admin.page.getByRole('link', { name: 'Access reviews' }).click()
    await admin.page.getByRole('button', { name: 'Begin a review now' }).click()
    await admin.page.getByRole('dialog').getByRole('button', { name: 'Begin a review now' }).click()
    await admin.page.getByText('0 of 4').waitFor()
    // the manager's page stands open, and says so
    await manager.page.getByText('An access review has begun: 1 person is yours to decide on.').waitFor()
    await myPeople(manager, 1).waitFor()
    await rowOf(manager, people.clerk.name).getByText('not decided').waitFor()
    await manager.screenshot('review-begun')
    const { page } = auditor
    await page.reload()
    const begun = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the signed result' }).click()
    const file = join(system.dataDir, '..', 'review.json')
    await (await begun).saveAs(file)
    const { result } = SignedReview.parse(JSON.parse(await readFile(file, 'utf8')))
    expect(result).toMatchObject({ complete: false, people: expect.any(Array) })
    expect(result.people).toHaveLength(4)
    const told = await custodia(`verify review --file ${file}`, { CUSTODIA_DATA_DIR: system.dataDir })
    expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('as it was signed') })
  })

  step('what nobody has decided on in time is overdue, on every page that it concerns', async () => {
    await system.records.db.execute(sql`update access_reviews set due_at = now() - interval '1 day'`)
    for (const [visitor, path] of [
      [admin, '/access-reviews'],
      [auditor, '/access-reviews'],
      [manager, '/reviews'],
    ] as const) {
      await visitor.page.goto(path)
      await visitor.page.getByText('OVERDUE').first().waitFor()
    }
    expect(await faultsOfEveryFace(auditor, 'access-reviews-overdue')).toEqual([])
    expect(await faultsOfEveryFace(manager, 'my-people-overdue')).toEqual([])
  })

  step('many join and leave by a file: what would become of each line is shown first', async () => {
    const { page } = admin
    const file = join(system.dataDir, '..', 'joiners.csv')
    await writeFile(
      file,
      `username,status,display_name,role\nnew.one,joins,New One,staff\n${people.clerk.username},leaves,,\nevil,joins,Evil,admin\nnobody,gone,,\n`,
    )
    await page.goto('/admin/accounts')
    await page.getByRole('button', { name: 'Many at once' }).click()
    const dialog = page.getByRole('dialog', { name: 'Many join or leave at once' })
    await dialog.locator('input[type=file]').setInputFiles(file)
    await dialog.getByText('1 joined, 1 left, 0 changed, 0 as before, 2 refused.').waitFor()
    const line = (number: number) =>
      dialog.getByRole('row').filter({ has: page.getByRole('cell', { name: String(number), exact: true }) })
    await line(4).getByText('Administrators are added, changed and closed one by one').waitFor()
    await line(4).getByRole('cell', { name: 'evil', exact: true }).waitFor()
    await line(5).getByText('Not understood: status').waitFor()
    expect(await faultsOfEveryFace(admin, 'people-file')).toEqual([])
  })

  step('and is carried out with a fresh proof: who joins has a link, who leaves is out at once', async () => {
    const { page } = admin
    const dialog = page.getByRole('dialog', { name: 'Many join or leave at once' })
    await dialog.getByRole('button', { name: 'Carry it out' }).click()
    const question = page.getByRole('dialog', { name: 'Carry it out' })
    await question.getByText('Joining: 1. Leaving, and closed at once: 1.').waitFor()
    await question.getByRole('button', { name: 'Carry it out' }).click()
    await proveWithApp(page, secret)
    await dialog.getByText('1 joined, 1 left, 0 changed, 0 as before, 2 refused.').waitFor()
    const begun = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Download 1 invitation link' }).click()
    const file = join(system.dataDir, '..', 'links.csv')
    await (await begun).saveAs(file)
    const [link] = /http\S+#[\w-]+/.exec(await readFile(file, 'utf8')) ?? []
    await page.keyboard.press('Escape')
    await rowOf(admin, 'New One').waitFor()
    await rowOf(admin, people.clerk.name).getByText('frozen').waitFor() // for a day; and closed for good
    await clerk.page.goto(link ?? '/')
    await clerk.page.getByText('New One').waitFor()
    await signInWithPassword(clerk.page, people.clerk)
    await clerk.page.getByRole('alert').getByText('This account is closed').waitFor()
  })
})
