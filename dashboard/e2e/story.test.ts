import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { fileURLToPath } from 'node:url'
import { removeDataDir, type RunningSystem } from '../../deploy/testing/system.js'
import { addCustomer, programWithCookiesOf, scrape, type Program, type Scraped } from './api.js'
import type { VirtualAuthenticator } from './authenticator.js'
import { launchChromium } from './chromium.js'
import { findPhoto, newCustomer } from './clerk.js'
import { inventCustomer, inventPhoto } from './customers.js'
import { people } from './people.js'
import { servedPhotoViews } from './log.js'
import { addPeople, setUp } from './administrator.js'
import { enrolApp, enrolPasskey, signInWithPasskey, signInWithPassword } from './sign-in.js'
import { storyOf } from './story.js'
import { startFresh } from './system.js'
import { visit, type Visitor } from './visitor.js'

const rules = fileURLToPath(new URL('rules', import.meta.url))
const limit = 20

describe('an insider is stopped', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let clerk: Visitor
  let analyst: Visitor
  let auditor: Visitor
  let passkey: VirtualAuthenticator
  const visitors: Visitor[] = []
  const enter = async (name: string) => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }
  const step = storyOf(() => visitors)

  beforeAll(async () => {
    browser = await launchChromium()
    // A verdict that is late on a busy machine would be counted, and not served; here the count is to be exact.
    system = await startFresh({ rules, env: { CUSTODIA_HOLD_TIMEOUT_MS: '20000', CUSTODIA_LOG_LEVEL: 'info' } })
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  step('the first one here becomes the administrator, with the code that the start printed', async () => {
    admin = await enter('admin')
    await setUp(admin, system.setupCode ?? '')
  })

  step('the administrator adds a clerk, an analyst and an auditor', async () => {
    await addPeople(admin)
  })

  step('the clerk enrols a passkey', async () => {
    clerk = await enter('clerk')
    await signInWithPassword(clerk.page, people.clerk)
    passkey = await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
  })

  const first = inventCustomer(0)
  step('the clerk takes down a customer, finds them again and views the photo in three actions', async () => {
    await newCustomer(clerk, first, await inventPhoto(0))
    const { actions, photo } = await findPhoto(clerk, first)
    expect(actions).toBeLessThanOrEqual(3)
    console.log(photo.length)
    await clerk.screenshot('clerk-photo')
    await clerk.page.keyboard.press('Escape')
  })
})
