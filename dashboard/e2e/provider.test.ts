import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { client, startProvider, type TestProvider } from '../../backend/src/identity/doors/testing/provider.js'
import { freePort, removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { setUp } from './administrator.js'
import { launchChromium } from './chromium.js'
import { pressOn } from './keyboard.js'
import { barriersOn, faultsOf, settled, wear } from './page-tour.js'
import { patience } from './patience.js'
import { enrolApp } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const clerk = { login: 'he-from-the-provider', name: 'He Clerk', username: 'he.clerk' }
const enterBy = (page: Page) => page.getByRole('button', { name: 'Sign in with Example SSO' })

describe('sign-in at an OpenID provider', () => {
  let provider: TestProvider
  let system: RunningSystem
  let browser: Browser
  let visitor: Visitor
  let page: Page
  let used = ''
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: string) => {
    const entered = await visit(browser, system.origin, name, { neighbour: provider.issuer })
    visitors.push(entered)
    return entered
  }
  /** What is wrong with this page, in two faces that differ in language, theme and width. */
  const faults = async (name: string): Promise<string[]> => {
    const found: string[] = []
    for (const [language, theme, width] of [
      ['zh-CN', 'dark', 390],
      ['en', 'light', 1440],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await wear(page, language, theme)
      await settled(page)
      found.push(...(await faultsOf(page)), ...(await barriersOn(page)))
      await visitor.screenshot(`provider-${name}-${language}`)
    }
    return found
  }
  const back = (answer: Record<string, string>) => page.goto(`/sign-in/oidc?${new URLSearchParams(answer)}`)
  /** The page tells this, in both languages, and nothing of what the address carried is left in it. */
  const saysWhatToDo = async (name: string, says: string) => {
    await page.getByRole('heading', { name: 'This sign-in did not work' }).waitFor()
    await page.getByRole('alert').getByText(says).waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(await faults(name)).toEqual([])
    await pressOn(page, page.getByRole('button', { name: 'Back to sign-in' }))
    await enterBy(page).waitFor()
  }

  beforeAll(async () => {
    const port = String(await freePort())
    provider = await startProvider(`http://localhost:${port}/sign-in/oidc`)
    provider.people.set(clerk.login, { preferred_username: clerk.username, name: clerk.name, groups: ['bank-staff'] })
    const env = {
      ...patience,
      PORT: port,
      CUSTODIA_OIDC_ISSUER: provider.issuer,
      CUSTODIA_OIDC_CLIENT_ID: client.client_id,
      CUSTODIA_OIDC_CLIENT_SECRET: client.client_secret,
      CUSTODIA_OIDC_NAME: 'Example SSO',
      CUSTODIA_OIDC_ROLES: 'bank-staff=staff',
      CUSTODIA_OIDC_CREATE: 'true',
    }
    browser = await launchChromium()
    system = await startSystem({ env })
  })
  afterAll(async () => {
    await browser?.close()
    await provider?.stop()
    if (!system) return
    await system.stop()
    removeDataDir(system.dataDir)
  })

  step('somebody who cancels there comes back to a page that says so', async () => {
    await setUp(await enter('admin'), system.setupCode ?? '')
    visitor = await enter('clerk')
    page = visitor.page
    await page.goto('/sign-in')
    await enterBy(page).waitFor()
    expect(await faults('offered')).toEqual([])
    await pressOn(page, enterBy(page))
    await page.waitForURL(`${provider.issuer}/**`)
    await page.getByRole('link', { name: 'Cancel' }).click()
    await saysWhatToDo('refused', 'Where you sign in did not let you through')
  })

  step('an error there is named, and nothing else that an address says', async () => {
    await back({ error: 'temporarily_unavailable', error_description: 'call 555-0100 with your password' })
    await page.getByText('The error it named: temporarily_unavailable').waitFor()
    expect(await page.getByText('555-0100').count()).toBe(0)
    await saysWhatToDo('failed', 'could not carry this out')
  })

  step('an answer that this browser did not ask for opens nothing', async () => {
    await back({ code: 'of-somebody-else', state: 'of-somebody-else', iss: provider.issuer })
    await saysWhatToDo('over', 'begun in another browser, or more than ten minutes ago')
  })

  step('the first sign-in leads by the provider and a second factor of ours to the page that was wanted', async () => {
    await page.goto('/customers')
    await pressOn(page, enterBy(page))
    await page.getByPlaceholder('Enter any login').fill(clerk.login)
    await page.getByPlaceholder('and password').fill('any')
    await page.getByRole('button', { name: 'Sign-in' }).click()
    page.on('request', (request) => (used = request.url().includes('code=') ? request.url() : used))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL('**/enrol**')
    await page.getByRole('button', { name: 'Show QR code' }).waitFor()
    expect(await faults('enrol')).toEqual([])
    await enrolApp(page)
    await page.waitForURL('**/customers')
    await page.getByRole('button', { name: clerk.name }).waitFor()
    await settled(page)
  })

  step('the address that let them in lets nobody in again', async () => {
    const { search } = new URL(used)
    const other = await enter('other')
    for (const each of [other, visitor]) {
      await each.page.goto(`/sign-in/oidc${search}`)
      await each.page.getByRole('alert').getByText('This sign-in was used already').waitFor()
    }
  })
})
