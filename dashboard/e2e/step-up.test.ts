import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import { generateSync } from 'otplib'
import type { Browser, Locator } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { addCustomer, programWithCookiesOf } from './api.js'
import type { VirtualAuthenticator } from './authenticator.js'
import { launchChromium } from './chromium.js'
import { inventCustomer, inventPhoto } from './customers.js'
import { accessEventsIn, servedPhotoViews } from './log.js'
import { barriersOn, languages, settled, themes, wear } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { acceptInvitation, enrolApp, enrolPasskey } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const rules = fileURLToPath(new URL('rules-step-up', import.meta.url))

describe('a rule asks for a fresh proof: each photo, each time', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let clerk: Visitor
  let key: VirtualAuthenticator
  let clerkId: string
  let secret: string
  let links: Map<string, string>
  const customers: string[] = []
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }
  const question = (): Locator => clerk.page.getByRole('dialog', { name: 'Prove once more that it is you' })
  const viewer = (): Locator => clerk.page.getByRole('dialog', { name: 'ID front' })
  const thumb = (): Locator => clerk.page.getByRole('button', { name: /^Open ID front/ })
  const shown = async (): Promise<void> => {
    const photo = viewer().getByRole('img', { name: 'ID front' })
    await photo.evaluate((image) => (image as HTMLImageElement).decode())
  }
  /** To the customer's page, and for a photo of theirs, with a purpose. */
  const open = async (n: number): Promise<void> => {
    await clerk.page.goto(`/customers/${customers[n]}`)
    await thumb().click()
    await clerk.page.getByRole('button', { name: 'Identity check' }).click()
  }
  const close = async (): Promise<void> => {
    await viewer().getByRole('button', { name: 'Close' }).click()
    await viewer().waitFor({ state: 'hidden' })
  }
  const served = async (): Promise<number> => (await servedPhotoViews(system.dataDir, clerkId)).length

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ rules, env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  step('a clerk with a passkey adds an app: that asks for the passkey', async () => {
    admin = await enter('admin')
    const app = await setUp(admin, system.setupCode ?? '')
    links = await addPeople(admin, app)
    clerk = await enter('clerk')
    await acceptInvitation(clerk.page, links.get(people.clerk.username), people.clerk.password)
    key = await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
    await clerk.page.goto('/me')
    await clerk.page.getByRole('button', { name: 'Set up' }).click()
    await clerk.page.getByRole('button', { name: 'Show QR code' }).click()
    // the passkey is asked for at once, and answers
    secret = await enrolApp(clerk.page, { again: true })
    await clerk.page.getByText('Codes change every 30 seconds').waitFor()
  })

  step('five customers come in, and two photos open freely', async () => {
    const program = await programWithCookiesOf(clerk.context, system.origin)
    for (let n = 0; n < 5; n++) await addCustomer(program, inventCustomer(n), await inventPhoto(n))
    const { items } = await program.read<{ items: { id: string; owner: string }[] }>('/customers?q=')
    customers.push(...items.map(({ id }) => id))
    clerkId = items[0]?.owner ?? ''
    for (const n of [0, 1]) {
      await open(n)
      await shown()
      await close()
    }
  })

  step('the second was one too many: the desk sees what is in force', async () => {
    await admin.page.goto(`/people/${clerkId}`)
    await admin.page.getByText('fresh proof for each full view').waitFor()
    expect(await served()).toBe(2)
    await admin.page.getByRole('button', { name: 'End them' }).click()
    await admin.page.getByRole('dialog', { name: /^End the measures on/ }).waitFor()
    expect(await barriersOn(admin.page)).toEqual([])
    await admin.screenshot('end-measures')
    await admin.page.keyboard.press('Escape')
  })

  step('by keyboard alone: a wrong code is refused, the right one shows this photo', async () => {
    const { page } = clerk
    await key.verifiesUser(false)
    await page.goto(`/customers/${customers[2]}`)
    await thumb().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'What do you need it for?' }).waitFor()
    await page.keyboard.press('1')
    await question().getByLabel('Code').waitFor()
    await question().getByRole('alert').filter({ hasText: 'passkey prompt was closed' }).waitFor()
    await question()
      .getByText(/until .*\d:\d\d/)
      .waitFor()
    for (const language of languages)
      for (const theme of themes) {
        await wear(page, language, theme)
        await clerk.screenshot(`step-up-${language}-${theme}`)
        expect(await barriersOn(page)).toEqual([])
      }
    await wear(page, 'en', 'light')
    await page.keyboard.type('000000')
    await question().getByRole('alert').filter({ hasText: 'code is wrong' }).waitFor()
    expect(await question().getByLabel('Code').inputValue()).toBe('')
    expect(await served()).toBe(2)
    // the code of this step of the clock was used to add the app
    await page.keyboard.type(generateSync({ secret, epoch: Date.now() / 1000 + 30 }))
    await question().waitFor({ state: 'hidden' })
    await shown()
    await key.verifiesUser(true)
    expect(await served()).toBe(3)
    await page.keyboard.press('Escape')
    await viewer().waitFor({ state: 'hidden' })
    expect(await thumb().evaluate((button) => button === document.activeElement)).toBe(true)
  })

  step('the next photo asks again, and a passkey answers it', async () => {
    await open(3)
    await shown()
    expect(await served()).toBe(4)
    await close()
  })

  step('so does the same photo', async () => {
    // whoever used the passkey the last time is asked for it at once: one gesture
    await thumb().click()
    await shown()
    expect(await served()).toBe(5)
    await close()
  })

  step('whoever closes the question sees no photo, and can go on', async () => {
    await key.verifiesUser(false)
    await open(4)
    await question().waitFor()
    await clerk.page.keyboard.press('Escape')
    await question().waitFor({ state: 'hidden' })
    await viewer().getByText('Prove once more that it is you, for this very action').waitFor()
    expect(await barriersOn(clerk.page)).toEqual([])
    await clerk.screenshot('step-up-closed')
    await viewer().getByRole('button', { name: 'Try again' }).click()
    await question().getByRole('button', { name: 'Close' }).click()
    await close()
    expect(await served()).toBe(5)
  })

  step('a passkey prompt that is cancelled says so, and the question stays', async () => {
    await thumb().click()
    await question().getByRole('alert').waitFor()
    await clerk.screenshot('step-up-cancelled')
    expect(await served()).toBe(5)
    await key.verifiesUser(true)
    await question().getByRole('button', { name: 'Confirm with passkey' }).click()
    await shown()
    await close()
    await settled(clerk.page)
  })

  step('the log tells each question, each wrong and each right answer', async () => {
    const mine = (await accessEventsIn(system.dataDir)).filter(({ actor }) => actor === clerkId)
    const asked = mine.filter(({ action, reason }) => action === 'photo_view' && reason === 'step_up_required')
    const answers = mine.filter(({ action, factor }) => action === 'sign_in' && factor)
    expect(asked.map(({ outcome }) => outcome)).toEqual(Array(6).fill('refused'))
    expect(answers.map(({ factor, outcome, reason }) => `${factor} ${outcome} ${reason}`)).toEqual([
      'passkey granted step_up', // for the app
      'totp failed bad_credentials',
      'totp granted step_up',
      'passkey granted step_up',
      'passkey granted step_up',
      'passkey granted step_up',
    ])
    expect(await served()).toBe(6)
  })
})
