import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { askColleague, lift, loadOf, readEvidence, seeAlert } from './analyst.js'
import { addCustomer, programWithCookiesOf, scrape, type Program, type Scraped } from './api.js'
import { downloadedEventIds, makeReportOfToday } from './auditor.js'
import type { VirtualAuthenticator } from './authenticator.js'
import { launchChromium } from './chromium.js'
import { askToLift, closePhoto, findPhoto, newCustomer, readWhyPaused } from './clerk.js'
import { inventCustomer, inventPhoto, valuesOf } from './customers.js'
import { accessEventsIn, servedPhotoViews } from './log.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { ByteSearch, searchFolder, sliceNeedles, textNeedles, type Needle } from './plaintext-search.js'
import { acceptInvitation, enrolApp, enrolPasskey, signInWithPasskey } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const rules = fileURLToPath(new URL('rules', import.meta.url))
/** as the rule in that folder has it */
const limit = 20
const alertText = `opened ${limit} different customers’ photos`
const customers = Array.from({ length: 60 }, (_, n) => inventCustomer(n))
const theOne = inventCustomer(0)
const today = (time: string | number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date(time))

describe('an insider is stopped', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let clerk: Visitor
  let analyst: Visitor
  let passkey: VirtualAuthenticator
  let clerkId: string
  let links: Map<string, string>
  let program: Program
  let scraped: Scraped
  const photos: Buffer[] = []
  const photoIds: string[] = []
  const apps = { admin: '', analyst: '', auditor: '' }
  const visitors: Visitor[] = []
  let stopping: Promise<number | null> | undefined
  const stop = () => (stopping ??= system.stop())
  const step = storyOf(() => visitors)
  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }

  beforeAll(async () => {
    browser = await launchChromium()
    // A verdict that is late on a busy machine would be counted and not served; here the count is to be exact.
    system = await startSystem({ rules, env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    if (!system) return
    await stop()
    removeDataDir(system.dataDir)
  })

  step('the first one here becomes the administrator, with the code that the start printed', async () => {
    admin = await enter('admin')
    apps.admin = await setUp(admin, system.setupCode ?? '')
  })

  step('the administrator invites a clerk, an analyst and an auditor', async () => {
    links = await addPeople(admin, apps.admin)
  })

  step('the clerk sets a password with the invitation and enrols a passkey', async () => {
    clerk = await enter('clerk')
    await acceptInvitation(clerk.page, links.get(people.clerk.username), people.clerk.password)
    passkey = await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
  })

  step('the clerk takes down a customer with consent and photo', async () => {
    photos.push(await inventPhoto(0))
    await newCustomer(clerk, theOne, photos[0] ?? Buffer.of())
  })

  step('the clerk finds the customer again and is at the photo in three actions', async () => {
    expect(await findPhoto(clerk, theOne)).toBeLessThanOrEqual(3)
    await clerk.screenshot('photo')
    await closePhoto(clerk)
  })

  step('the analyst opens the live page, and leaves it open', async () => {
    analyst = await enter('analyst')
    await acceptInvitation(analyst.page, links.get(people.analyst.username), people.analyst.password)
    apps.analyst = await enrolApp(analyst.page)
    await analyst.page.waitForURL('**/live')
    await analyst.page.getByText('● live').waitFor()
  })

  step('sixty customers come in over the day', async () => {
    program = await programWithCookiesOf(clerk.context, system.origin)
    const found = await program.read<{ items: { id: string; owner: string }[] }>(`/customers?q=${theOne.id_number}`)
    const [{ id, owner }] = found.items as [{ id: string; owner: string }]
    clerkId = owner
    photoIds.push((await program.read<{ photos: { id: string }[] }>(`/customers/${id}`)).photos[0]?.id ?? '')
    for (const [n, customer] of customers.entries()) {
      if (n === 0) continue
      const photo = await inventPhoto(n)
      photos.push(photo)
      photoIds.push(await addCustomer(program, customer, photo))
    }
  })

  step('a scraper with the clerk’s session gets exactly what the rule allows, and the log agrees with it', async () => {
    const before = await loadOf(analyst)
    // The customer whose photo the clerk has seen is the first one asked for: no new one to the rule.
    scraped = await scrape(program, photoIds, 200, 100)
    const earlier = 1
    const views = await servedPhotoViews(system.dataDir, clerkId)
    expect(scraped.served.length).toBeLessThanOrEqual(30)
    expect(scraped.served).toHaveLength(limit)
    expect(views).toHaveLength(limit + earlier)
    const inLog = views.slice(earlier).map(({ bytes }) => bytes ?? 0)
    expect(sum(inLog)).toBe(sum(scraped.served.map((photo) => photo.length)))
    expect(scraped.statuses.filter((status) => ![200, 403, 423, 0].includes(status))).toEqual([])

    await seeAlert(analyst, alertText)
    expect(await loadOf(analyst)).toBe(before)
    await analyst.screenshot('live')
  })

  step('the clerk sees why at the next action, and at a new sign-in, and asks to be lifted', async () => {
    await clerk.page.getByRole('link', { name: 'Customers' }).first().click()
    for (const again of [false, true]) {
      if (again) await signInWithPasskey(clerk.page, () => clerk.page.getByRole('link', { name: 'Sign in' }).click())
      const told = await readWhyPaused(clerk)
      expect(told).toMatch(/paused until/)
      expect(told).toContain('bulk-photo-view')
      expect(told).toContain('21 different customers')
    }
    await clerk.screenshot('paused')
    await askToLift(clerk, 'Month-end check of every file')
  })

  step(
    'the analyst sees the request, reads the evidence and asks a colleague to lift the freeze, with a reason',
    async () => {
      await analyst.page.getByText('Month-end check of every file').waitFor()
      expect(await readEvidence(analyst, alertText)).toBeGreaterThanOrEqual(limit)
      await analyst.screenshot('alert')
      await askColleague(analyst, 'Called the branch: month-end check, confirmed', apps.analyst)
    },
  )

  step('the administrator reads why, and lifts it as the second person', async () => {
    await admin.page.getByRole('link', { name: 'Live' }).first().click()
    await admin.page.getByText('Month-end check of every file').waitFor()
    await lift(admin, 'Read the evidence, agreed', apps.admin)
  })

  step('a passkey whose user is not verified signs nobody in, and the page says so in plain words', async () => {
    await passkey.verifiesUser(false)
    await signInWithPasskey(clerk.page, () => clerk.page.goto('/sign-in'))
    await clerk.page.getByRole('alert').getByText('The passkey prompt was closed or timed out').waitFor()
    expect(new URL(clerk.page.url()).pathname).toBe('/sign-in')
    await clerk.screenshot('passkey-refused')
  })

  step('the clerk signs in again with the passkey', async () => {
    await signInWithPasskey(clerk.page, () => passkey.verifiesUser(true))
    await clerk.page.waitForURL('**/customers')
    await findPhoto(clerk, theOne)
    await closePhoto(clerk)
  })

  step('the auditor’s report of today shows every access exactly once', async () => {
    const auditor = await enter('auditor')
    await acceptInvitation(auditor.page, links.get(people.auditor.username), people.auditor.password)
    apps.auditor = await enrolApp(auditor.page)
    await auditor.page.waitForURL('**/reports')
    await makeReportOfToday(auditor)
    await auditor.screenshot('report')
    const logged = await accessEventsIn(system.dataDir)
    const expected = logged.filter(({ part_of }) => !part_of)
    let reported = await downloadedEventIds(auditor)
    // Landing follows within seconds; a machine under load may need another look.
    for (let look = 0; look < 20 && !expected.every(({ id }) => reported.includes(id)); look++) {
      await auditor.page.waitForTimeout(500)
      reported = await downloadedEventIds(auditor)
    }
    const day = today(Date.now())
    const accesses = expected.filter(({ time }) => today(time) === day).map(({ id }) => id)
    expect(accesses.filter((id) => !reported.includes(id))).toEqual([])
    expect(reported).toHaveLength(new Set(reported).size)
    const written = new Set((await accessEventsIn(system.dataDir)).map(({ id }) => id))
    expect(reported.filter((id) => !written.has(id))).toEqual([])
  })

  step('stopped, nothing in the data directory tells a name, a number, a secret or a photo', async () => {
    const cookies = await Promise.all(visitors.map(({ context }) => context.cookies()))
    await browser.close()
    expect(await stop()).toBe(0)
    const sessions = cookies.flat().filter(({ name }) => name === '__Host-custodia')
    const needles: Needle[] = [
      ...customers.flatMap((customer, n) => valuesOf(customer).flatMap((value) => textNeedles(`customer ${n}`, value))),
      ...Object.values(apps).flatMap((secret) => textNeedles('secret of an app', secret)),
      ...Object.values(people).flatMap(({ password }) => textNeedles('password', password)),
      ...[...links.values()].flatMap((link) => textNeedles('invitation', link.split('#')[1] ?? link)),
      ...sessions.flatMap(({ value }) => textNeedles('session', value)),
      ...photos.flatMap((photo, n) => sliceNeedles(`photo ${n} as uploaded`, photo)),
      ...scraped.served.flatMap((photo, n) => sliceNeedles(`photo ${n} as served`, photo)),
    ]
    const control = [
      Buffer.from(theOne.name, 'utf16le'),
      Buffer.from(theOne.id_number),
      scraped.served[0] ?? Buffer.of(),
    ]
    writeFileSync(join(system.dataDir, 'log', 'planted'), Buffer.concat([Buffer.alloc(1_000_001, 'x'), ...control]))

    const search = new ByteSearch(needles)
    const { bytes, hits } = await searchFolder(system.dataDir, search)
    expect(hits.filter(({ file }) => file !== join('log', 'planted'))).toEqual([])
    expect(hits.map(({ needle }) => needle.replace(/bytes.*/, 'bytes'))).toEqual(
      expect.arrayContaining(['customer 0, UTF-16LE', 'customer 0, UTF-8', 'photo 0 as served, bytes']),
    )
    expect(bytes).toBeGreaterThan(10_000_000)
    expect([...search.in(Buffer.from(system.output()))]).toEqual([])
  })
})

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
