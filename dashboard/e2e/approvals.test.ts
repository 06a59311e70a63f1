import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { addCustomer, programWithCookiesOf } from './api.js'
import type { VirtualAuthenticator } from './authenticator.js'
import { launchChromium } from './chromium.js'
import { inventCustomer, inventPhoto } from './customers.js'
import { hasFocus, pressOn, reach } from './keyboard.js'
import { barriersOn, faultsOfEveryFace } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { acceptInvitation, codeOf, enrolPasskey } from './sign-in.js'
import { storyOf } from './story.js'
import { visit, type Visitor } from './visitor.js'

const them = [0, 1, 2].map(inventCustomer)
const theOne = (n: number) => them[n]!
const reason = 'The bank asks for both numbers'

describe('an ID number takes somebody else’s approval', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let clerk: Visitor
  let manager: Visitor
  let key: VirtualAuthenticator
  let secret: string
  let approval: string
  const ids: string[] = []
  const visitors: Visitor[] = []
  const step = storyOf(() => visitors)
  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, system.origin, name)
    visitors.push(visitor)
    return visitor
  }
  const proof = ({ page }: Visitor): Locator => page.getByRole('dialog').filter({ hasText: 'Prove once more' })
  /** On a customer's page, under the approval that is named in its address. */
  const reveal = async (n: number, under?: string) => {
    await clerk.page.goto(`/customers/${ids[n]}${under ? `?approval=${under}` : ''}`)
    await again()
  }
  const again = async () => {
    const { page } = clerk
    await page.getByRole('button', { name: 'Reveal ID number' }).click()
    const purpose = page.getByRole('button', { name: 'Identity check' })
    await purpose
      .or(page.getByRole('alert'))
      .or(page.getByText(/^\d{17}[\dX]$/))
      .first()
      .waitFor()
    if (await purpose.isVisible()) await purpose.click()
  }
  const refused = (sentence: string) => clerk.page.getByRole('alert').filter({ hasText: sentence }).waitFor()
  /** As a toast, which is read out. */
  const said = (sentence: string) => clerk.page.getByRole('status').getByText(sentence).waitFor()
  const usedOf = (count: string) => clerk.page.getByText(count, { exact: true }).waitFor()

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ env: patience })
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  step('a clerk with three customers, and the manager of the branch', async () => {
    admin = await enter('admin')
    secret = await setUp(admin, system.setupCode ?? '')
    const links = await addPeople(admin, secret, [people.clerk, people.manager])
    clerk = await enter('clerk')
    await acceptInvitation(clerk.page, links.get(people.clerk.username), people.clerk.password)
    key = await enrolPasskey(clerk.page)
    await clerk.page.waitForURL('**/customers')
    manager = await enter('manager')
    await acceptInvitation(manager.page, links.get(people.manager.username), people.manager.password)
    await enrolPasskey(manager.page)
    await manager.page.waitForURL('**/customers')
    const program = await programWithCookiesOf(clerk.context, system.origin)
    for (const [n, customer] of them.entries()) await addCustomer(program, customer, await inventPhoto(n))
    const { items } = await program.read<{ items: { id: string }[] }>('/customers?q=')
    ids.push(...items.map(({ id }) => id).reverse())
  })

  step('without one the clerk hears so before proving anything', async () => {
    await key.verifiesUser(false) // a proof that was asked for would stay open
    await reveal(0)
    await refused('This takes an approval')
    expect(await proof(clerk).count()).toBe(0)
    expect(await faultsOfEveryFace(clerk, 'approvals-required')).toEqual([])
    await key.verifiesUser(true)
  })

  step('the clerk asks for two of the three, for a purpose and a time', async () => {
    const { page } = clerk
    await page.getByRole('link', { name: 'Approvals' }).click()
    await page.getByRole('button', { name: 'New request' }).click()
    await page.getByText('Identity check', { exact: true }).click()
    for (const n of [0, 1])
      await page.getByRole('checkbox', { name: new RegExp(`${theOne(n).id_number.slice(-4)}$`) }).click()
    await page.getByText('Chosen: 2 customers').waitFor()
    await page.getByLabel('Hours you need it for').fill('2')
    await page.getByLabel('Reason').fill(reason)
    expect(await barriersOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByRole('heading', { name: reason }).waitFor()
    await page.getByText('waiting', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    approval = page.url().split('/').at(-1) ?? ''
    expect(await barriersOn(page)).toEqual([])
  })

  step(
    'the manager sees it counted in the top bar without loading anything, and approves it with a fresh proof',
    async () => {
      const { page } = manager
      await page.getByRole('link', { name: /^Approvals ?1 waiting for you/ }).click()
      await page.getByRole('link', { name: reason }).click()
      await page.getByRole('main').getByText(theOne(1).id_number.slice(-4)).waitFor() // masked, and not an id
      expect(await barriersOn(page)).toEqual([])
      await page.getByRole('button', { name: 'Approve' }).click()
      const dialog = page.getByRole('dialog', { name: 'Approve' })
      await dialog.getByLabel('Reason').fill('Seen the bank’s letter')
      await dialog.getByRole('button', { name: 'Approve' }).click() // the passkey is asked for at once, and answers
      await dialog.waitFor({ state: 'hidden' })
      await page.getByText('approved', { exact: true }).waitFor()
      await page.getByRole('link', { name: 'Approvals', exact: true }).first().waitFor() // nothing waits any more
    },
  )

  step('the clerk’s page says so by itself', async () => {
    const { page } = clerk
    await said('Your request was approved.')
    await page.getByRole('main').getByText('approved', { exact: true }).waitFor()
    expect(await barriersOn(page)).toEqual([])
    await clerk.screenshot('approvals-approved')
  })

  step('the clerk shows one of them, without a mouse, and one use less is left', async () => {
    const { page } = clerk
    await usedOf('0 / 2')
    const named = page.getByRole('listitem').filter({ hasText: theOne(0).id_number.slice(-4) })
    await pressOn(page, named.getByRole('link'))
    const shows = page.getByRole('button', { name: 'Reveal ID number' })
    await pressOn(page, shows)
    await page.getByText(theOne(0).id_number, { exact: true }).waitFor() // the purpose was told before
    const fields = page.getByRole('region', { name: 'Personal fields' })
    expect(await hasFocus(fields)).toBe(true)
    await pressOn(page, page.getByRole('button', { name: 'Hide now' }))
    await shows.waitFor()
    expect(await hasFocus(fields)).toBe(true)
    await page.goto(`/approvals/${approval}`)
    await usedOf('1 / 2')
    expect(await faultsOfEveryFace(clerk, 'approvals-used')).toEqual([])
  })

  step('the third is refused in a sentence; who forgets to name the approval is offered it', async () => {
    await reveal(2, approval)
    await refused('Your approval does not name this customer')
    expect(await clerk.page.getByRole('main').innerText()).not.toContain(theOne(2).id_number)
    expect(await faultsOfEveryFace(clerk, 'approvals-beyond')).toEqual([])
    await reveal(1)
    await refused('This takes an approval')
    await clerk.page.getByRole('button', { name: 'Use my approval' }).waitFor()
  })

  step('the manager revokes it, and that ends it', async () => {
    const { page } = manager
    await page.getByRole('button', { name: 'Revoke' }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke' })
    await dialog.getByLabel('Reason').fill('The bank has what it needs')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('revoked', { exact: true }).waitFor()
    await said('Your approval was revoked.') // on a customer's page, with the way to the request
    await clerk.page.getByRole('button', { name: 'See it' }).click()
    await clerk.page.getByRole('main').getByText('revoked', { exact: true }).waitFor()
    await reveal(1, approval)
    await refused('Your approval was revoked')
    expect(await clerk.page.getByRole('main').innerText()).not.toContain(theOne(1).id_number)
  })

  step('in an emergency the clerk goes ahead: once, and everybody on duty hears of it', async () => {
    const { page } = clerk
    await reveal(2)
    await page.getByRole('button', { name: 'Ask for approval' }).click()
    const dialog = page.getByRole('dialog', { name: 'Ask for approval' })
    await dialog.getByRole('checkbox', { name: /^Emergency/ }).click()
    await dialog.getByLabel('Reason').fill('Customer at the counter, card stolen, nobody answers')
    await dialog.getByRole('button', { name: 'Open without approval' }).click()
    await page.getByText('emergency, without approval').waitFor()
    const glass = page.url().split('/').at(-1) ?? ''
    await reveal(2, glass)
    await page.getByText(theOne(2).id_number, { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Hide now' }).click()
    await again()
    await refused('Your approval is used up')
    await admin.page.goto('/alerts')
    await admin.page.getByText('opened customers’ data without approval').first().waitFor()
  })

  step('the manager must review it within a day, and does', async () => {
    const { page } = manager
    await page.getByRole('link', { name: /^Approvals ?1 waiting for you/ }).click()
    // nothing is to be decided: what is to be reviewed comes first
    await page.getByRole('link', { name: 'Customer at the counter, card stolen, nobody answers' }).waitFor()
    expect(await barriersOn(page)).toEqual([])
    await page.getByRole('link', { name: 'Customer at the counter, card stolen, nobody answers' }).click()
    await page.getByText(/^review due by/).waitFor()
    expect(await faultsOfEveryFace(manager, 'approvals-review')).toEqual([])
    await page.getByRole('button', { name: 'Justified', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Justified' })
    await dialog.getByLabel('Reason').fill('Spoke to the clerk, saw the record')
    await dialog.getByRole('button', { name: 'Justified' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText(/Spoke to the clerk/).waitFor()
  })

  step('without a mouse an administrator signs in, freezes somebody and lifts the freeze', async () => {
    const { page } = await enter('keyboard')
    await page.goto('/sign-in')
    await reach(page, page.getByLabel('User name'))
    await page.keyboard.type(people.admin.username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(people.admin.password)
    await page.keyboard.press('Enter')
    await page.getByLabel('Code', { exact: true }).waitFor()
    await page.keyboard.type(await codeOf(secret))
    await page.waitForURL('**/admin/accounts')
    await pressOn(page, page.getByRole('link', { name: 'People', exact: true }))
    await pressOn(page, page.getByRole('main').getByRole('link', { name: people.manager.name }))
    const [freeze, lift] = ['Freeze…', 'Lift…'].map((name) => page.getByRole('button', { name }))
    await pressOn(page, freeze!)
    const asking = page.getByRole('dialog')
    await asking.getByLabel('Reason').waitFor()
    await page.keyboard.press('Escape')
    await asking.waitFor({ state: 'detached' })
    expect(await hasFocus(freeze!)).toBe(true)
    await page.keyboard.press('Enter')
    await asking.getByLabel('Reason').waitFor()
    await page.keyboard.type('Looked at too much')
    await page.keyboard.press('Control+Enter')
    await asking.waitFor({ state: 'detached' })
    await pressOn(page, lift!)
    await asking.getByLabel('Reason').waitFor()
    await page.keyboard.type('It was asked for')
    await page.keyboard.press('Control+Enter')
    await proof({ page } as Visitor)
      .getByLabel('Code', { exact: true })
      .waitFor()
    await page.keyboard.type(await codeOf(secret))
    await page.getByText('is lifted.').waitFor()
    await page.locator('h1:focus').waitFor() // the button has gone
  })
})
