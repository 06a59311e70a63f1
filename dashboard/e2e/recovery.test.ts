import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { accounts, powerChanges, recoveries } from '../../backend/src/record-store/schema.js'
import { startSystemWithRecords } from '../../deploy/testing/system-with-records.js'
import { removeDataDir } from '../../deploy/testing/system.js'
import { addAdministrator, addPeople, setUpWith } from './administrator.js'
import type { VirtualAuthenticator } from './authenticator.js'
import { launchChromium } from './chromium.js'
import { newCustomer } from './clerk.js'
import { inventCustomer, inventPhoto } from './customers.js'
import { barriersOn, faultsOf, settled, wear } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { acceptInvitation, enrolApp, enrolPasskey } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const theOne = inventCustomer(0)
const newPassword = 'five slow herons at dusk'
/** The day that these things take has passed. */
const aDayAgo = () => new Date(Date.now() - 86_400_000)

describe('an action wants a fresh proof, and whoever has lost everything comes back', () => {
  let system: Awaited<ReturnType<typeof startSystemWithRecords>>
  let browser: Browser
  let admin: Visitor
  let second: Visitor
  let last: Visitor
  let clerk: Visitor
  let key: VirtualAuthenticator
  let links: Map<string, string>
  let link: string
  let sealed: string
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }
  const exporting = () => clerk.page.getByRole('dialog', { name: /^Export/ })
  const proof = () => clerk.page.getByRole('dialog', { name: 'Prove once more that it is you' })
  const exportNames = async () => {
    await clerk.page.getByRole('button', { name: 'Export…' }).click()
    await exporting().getByRole('checkbox', { name: 'Name', exact: true }).click()
    await exporting().getByText('Identity check').click()
    await exporting().getByRole('button', { name: 'Download' }).click()
  }
  /** As it is, then narrow, dark and in Chinese. */
  const lookAt = async ({ page, screenshot }: Visitor, name: string) => {
    await page.waitForFunction(() => !document.querySelector('.n-message')) // what was said in passing
    await settled(page)
    await screenshot(`recovery-${name}`)
    expect([name, await barriersOn(page)]).toEqual([name, []])
  }
  const lookAtAllOf = async (visitor: Visitor, name: string) => {
    const { page } = visitor
    await lookAt(visitor, name)
    for (const [language, theme, width] of [
      ['zh-CN', 'dark', 390],
      ['en', 'dark', 390],
      ['zh-CN', 'light', 1440],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await wear(page, language, theme)
      await lookAt(visitor, `${name}-${language}-${theme}-${width}`)
      expect([name, await faultsOf(page)]).toEqual([name, []])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await wear(page, 'en', 'light')
  }

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystemWithRecords({ env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    if (!system) return
    await system.stop()
    removeDataDir(system.dataDir)
  })

  step('the administrator prints the sealed code', async () => {
    admin = await enter('admin')
    await setUpWith(enrolPasskey, admin, system.setupCode ?? '')
    const { page } = admin
    await page.goto('/admin/accounts')
    await page.getByText('No sealed code is printed').waitFor()
    await page.getByRole('button', { name: 'Print it' }).click()
    await page.getByText('No code has been printed').waitFor()
    await page.getByRole('button', { name: 'Print a new code' }).click()
    await page.getByRole('heading', { name: 'Custodia: sealed code' }).waitFor()
    sealed = await page.getByRole('main').locator('code').innerText()
    expect(sealed).toMatch(/^(\w{4}-){5}\w{4}$/)
    await lookAtAllOf(admin, 'sealed-code')
    await page.getByRole('button', { name: 'It is printed and sealed' }).click()
    await page.getByText(`Printed by ${people.admin.name}`).waitFor()
    expect(await page.getByRole('main').innerText()).not.toContain(sealed)
  })

  step('a second administrator and a clerk come in', async () => {
    links = await addPeople(admin, undefined, [people.clerk])
    const invitation = await addAdministrator(admin, people.second, async () => {
      await lookAtAllOf(admin, 'proposed')
      await system.records.db.update(powerChanges).set({ dueAt: aDayAgo() })
    })
    second = await enter('second')
    await acceptInvitation(second.page, invitation, people.second.password)
    await enrolPasskey(second.page)
    clerk = await enter('clerk')
    await acceptInvitation(clerk.page, links.get(people.clerk.username), people.clerk.password)
    key = await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
  })

  step('an ID number takes an approval first, and nobody proves anything in vain', async () => {
    const { page } = clerk
    await newCustomer(clerk, theOne, await inventPhoto(0))
    expect(await page.getByRole('main').innerText()).not.toContain(theOne.id_number)
    await page.getByRole('button', { name: 'Reveal Phone' }).click()
    await page.getByRole('button', { name: 'Identity check' }).click()
    await page.getByText(theOne.phone).waitFor() // less than an ID number: nothing more is asked
    await page.getByRole('button', { name: 'Reveal ID number' }).click()
    await page.getByText('This takes an approval').waitFor()
    expect(await proof().count()).toBe(0)
  })

  step('an export asks for a proof: one touch of the key gives it, at once', async () => {
    const file = clerk.page.waitForEvent('download')
    await exportNames()
    expect((await file).suggestedFilename()).toMatch(/\.csv$/)
    await exporting().waitFor({ state: 'hidden' })
  })

  step('a key that does not verify its user gets nothing; the dialog says so, and waits', async () => {
    await key.verifiesUser(false)
    await exportNames()
    await proof().getByText('The passkey prompt was closed or timed out').waitFor()
    await lookAt(clerk, 'step-up-cancelled')
    await key.verifiesUser(true)
    const file = clerk.page.waitForEvent('download')
    await proof().getByRole('button', { name: 'Confirm with passkey' }).click()
    expect((await file).suggestedFilename()).toMatch(/\.csv$/)
    await exporting().waitFor({ state: 'hidden' })
  })

  step('whoever gives up is told what was wanted, and gets nothing', async () => {
    const { page } = clerk
    await key.verifiesUser(false)
    await exportNames()
    await proof().getByText('The passkey prompt was closed or timed out').waitFor()
    await page.keyboard.press('Escape')
    await proof().waitFor({ state: 'hidden' })
    await exporting().getByRole('alert').filter({ hasText: 'Prove once more that it is you' }).waitFor()
    await key.verifiesUser(true)
    await page.keyboard.press('Escape')
    await exporting().waitFor({ state: 'hidden' })
  })

  const askFor = async (name: string) => {
    const { page } = admin
    await page.goto('/admin/accounts')
    await page.getByRole('button', { name: `${name} …` }).click()
    await page.getByText('Reset lost factors…').click()
    await page.getByLabel('Reason').fill('Lost the phone; called back on the number we knew')
    await page.getByRole('button', { name: 'Ask a colleague to approve' }).click()
    await page.getByText('waits for approval').waitFor()
  }
  const approve = async (name: string) => {
    const { page } = second
    await page.goto('/admin/accounts')
    await page.getByRole('button', { name: 'Approve…' }).click()
    const dialog = page.getByRole('dialog').filter({ hasText: 'Approve the reset' })
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await dialog.getByText('No mail can be sent to this person').waitFor()
    await lookAt(second, `approve-${name}`)
    await dialog.getByLabel(/^How .* was told/).fill('Called on the number in the staff list')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await dialog.waitFor({ state: 'hidden' })
  }

  step('the clerk says no to a reset that was never asked for', async () => {
    await askFor(people.clerk.name)
    expect(await admin.page.getByRole('button', { name: 'Approve…' }).count()).toBe(0)
    await lookAtAllOf(admin, 'asked')
    await approve('first')
    await clerk.page.reload()
    await clerk.page.getByText('If you have not lost anything, stop it.').waitFor()
    await lookAtAllOf(clerk, 'own-notice')
    await clerk.page.getByRole('button', { name: 'Stop it' }).click()
    await clerk.page.getByText('If you have not lost anything').waitFor({ state: 'hidden' })
    await second.page.reload()
    await settled(second.page)
    expect(await second.page.getByRole('region', { name: 'Lost factors' }).count()).toBe(0)
  })

  step('the phone is lost: two administrators reset it, and a link takes its place', async () => {
    await askFor(people.clerk.name)
    await approve('second')
    const { page } = second
    expect(await page.getByRole('button', { name: 'Reset now' }).count()).toBe(0)
    await system.records.db.update(recoveries).set({ dueAt: aDayAgo() })
    await page.reload()
    await page.getByRole('button', { name: 'Reset now' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reset now' }).click()
    link = await page.getByLabel('One-time link').inputValue()
    await lookAt(second, 'link')
    await clerk.page.reload()
    await clerk.page.waitForURL(/\/sign-in/)
  })

  step('the clerk comes back with the link, a new password and a new factor', async () => {
    const back = await enter('back')
    await acceptInvitation(back.page, link, newPassword)
    await enrolApp(back.page)
    await back.page.waitForURL('**/customers')
  })

  const propose = async (preset: string) => {
    const { page } = admin
    await page.goto('/policy')
    await page.getByRole('button', { name: 'Change…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change the policy' })
    await dialog.getByText(preset, { exact: true }).click()
    await dialog.getByLabel('Reason').fill('Decided by the management')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await waiting(admin).getByText('Decided by the management').waitFor()
  }
  const waiting = ({ page }: Visitor) => page.getByRole('region', { name: 'Waits for a second administrator' })

  step('a policy that opens more is not in force by one administrator; the other is told, and says no', async () => {
    await propose('Simple')
    expect(await admin.page.getByRole('button', { name: 'Confirm' }).count()).toBe(0)
    await admin.page.getByText('Administrators see no photos').waitFor()
    await lookAtAllOf(admin, 'policy-waits')
    const { page } = second
    await page.reload()
    await page.getByRole('link', { name: 'Policy 1' }).click()
    await waiting(second).getByText('View photos').waitFor()
    await lookAtAllOf(second, 'policy-to-confirm')
    await waiting(second).getByRole('button', { name: 'Stop' }).click()
    const dialog = page.getByRole('dialog', { name: 'Stop this change' })
    await dialog.getByLabel('Reason').fill('Nobody knows of it')
    await lookAt(second, 'policy-stop')
    await dialog.getByRole('button', { name: 'Stop' }).click()
    await waiting(second).waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Policy', exact: true }).waitFor()
  })

  step('with the other administrator’s own proof it is in force', async () => {
    await propose('Simple')
    const { page } = second
    await page.reload()
    await waiting(second).getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await waiting(second).waitFor({ state: 'hidden' })
    await page.getByText('Only administrators view and download photos').first().waitFor()
    await admin.page.reload()
    await admin.page.getByRole('link', { name: 'Customers' }).waitFor()
  })

  step('what one administrator gives alone counts later, or once the other confirms it, by keyboard', async () => {
    await system.records.db.update(accounts).set({ createdAt: new Date(Date.now() - 30 * 86_400_000) })
    const { name, username, password } = people.manager
    const invited = await addPeople(admin, undefined, [people.manager])
    await admin.page.goto('/admin/accounts')
    await admin.page.getByRole('row', { name }).getByText('decides from').waitFor()
    await admin.page.getByRole('button', { name: `${name} …` }).click()
    await admin.page.getByText('Edit', { exact: true }).first().waitFor()
    expect(await admin.page.getByText('Confirm their role…').count()).toBe(0) // who gave it
    await admin.page.keyboard.press('Escape')
    await lookAtAllOf(admin, 'decides-from')
    await admin.page.goto('/policy')
    await admin.page.getByText('count for decisions that take two after 24 hours').waitFor()

    const manager = await enter('manager')
    await acceptInvitation(manager.page, invited.get(username), password)
    await enrolApp(manager.page)
    await manager.page.waitForURL((url) => !url.pathname.includes('enrol'))
    await manager.page.goto('/approvals')
    const told = manager.page.getByText('One person alone gave you this role')
    await told.waitFor()
    await lookAtAllOf(manager, 'own-wait')

    const { page } = second
    await page.goto('/people')
    await page.getByRole('link', { name }).click()
    const panel = page.getByRole('region', { name: 'Given by one person alone' })
    await panel.getByText(`${people.admin.name} gave this role alone`).waitFor()
    await lookAtAllOf(second, 'to-confirm')
    await panel.getByRole('button', { name: 'Confirm' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: `Confirm ${name}` })
    await dialog.waitFor()
    await lookAt(second, 'confirm-decider')
    await dialog.getByRole('button', { name: 'Confirm' }).focus()
    await page.keyboard.press('Enter')
    await panel.waitFor({ state: 'hidden' })
    await manager.page.reload()
    await settled(manager.page)
    expect(await told.count()).toBe(0)
  })

  step('the link that stops a reset says so when there is none', async () => {
    const late = await enter('late')
    await late.page.goto('/recovery#a-secret-that-nobody-was-given-ever')
    await lookAtAllOf(late, 'stop')
    await late.page.getByRole('button', { name: 'Stop the reset' }).click()
    await late.page.getByRole('alert').first().waitFor()
  })

  step('the last one in the house opens the envelope: in, to enrol anew, and everybody hears of it', async () => {
    const locked = await enter('locked')
    const { page } = locked
    await page.goto('/sign-in')
    await page.getByRole('link', { name: 'Administrator, and locked out?' }).click()
    await page.getByLabel('Sealed code').fill(sealed.toLowerCase()) // the page is there: the one before has a user name, too
    await page.getByLabel('User name').fill(people.admin.username)
    await page.getByLabel('New password').fill(newPassword)
    await lookAtAllOf(locked, 'use-code')
    await page.getByRole('button', { name: 'Use it now' }).click()
    await page.getByText('Another administrator can come in').waitFor()
    await admin.page.goto('/admin/accounts')
    await admin.page.getByRole('button', { name: `${people.second.name} …` }).click()
    await admin.page.getByText('Close account', { exact: true }).click()
    await admin.page.getByRole('dialog').getByRole('button', { name: 'Close account' }).click()
    await second.page.reload()
    await second.page.waitForURL(/\/sign-in/)
    await page.getByRole('button', { name: 'Use it now' }).click()
    await page.waitForURL('**/enrol')
    await page.goto('/admin/accounts')
    await page.waitForURL(/\/(enrol|sign-in)/)
    await page.goto('/enrol')
    await enrolApp(page)
    await page.waitForURL((url) => !url.pathname.includes('enrol'))
    await page.goto('/admin/accounts')
    await page.getByText(`The sealed code was used for ${people.admin.name}`).waitFor()
    await lookAtAllOf(locked, 'alarm')
    await admin.page.reload()
    await admin.page.waitForURL(/\/sign-in/)
    last = locked
  })

  step('the identity pages are well in every face', async () => {
    const { page } = last
    await page.goto('/me')
    await lookAtAllOf(last, 'me')
    await page.goto('/admin/sealed-code')
    await lookAtAllOf(last, 'sealed-used')
    const stranger = await enter('stranger')
    await stranger.page.goto('/sign-in')
    await lookAtAllOf(stranger, 'sign-in')
  })
})
