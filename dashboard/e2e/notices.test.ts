import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { addPeople, setUp } from './administrator.js'
import { choose } from './choose.js'
import { launchChromium } from './chromium.js'
import { faultsOfEveryFace, settled } from './page-tour.js'
import { patience } from './patience.js'
import { people } from './people.js'
import { visit, type Visitor } from './visitor.js'

describe('notices', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let receiver: Server
  let status = 200
  const received: string[] = []

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        received.push(body)
        response.writeHead(status).end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    browser = await launchChromium()
    system = await startSystem({ env: { ...patience, CUSTODIA_NOTICES_ALLOW: '127.0.0.1' } })
    admin = await visit(browser, system.origin, 'admin')
    await addPeople(admin, await setUp(admin, system.setupCode ?? ''))
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
    await new Promise((resolve) => receiver?.close(resolve))
  })

  it('a channel is added and tested', async () => {
    const { page } = admin
    await page.getByRole('link', { name: 'Notices' }).click()
    await page.getByRole('button', { name: 'New channel' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name', { exact: true }).fill('Security desk')
    await choose(form, 'Webhook', 'Slack')
    const { port } = receiver.address() as AddressInfo
    await form.getByLabel('Address').fill(`http://127.0.0.1:${port}/hush-hush`)
    await admin.screenshot('notices-form')
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('cell', { name: 'Security desk' }).waitFor()
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('The test arrived.').waitFor()
    expect(received).toEqual([expect.stringContaining('This channel works')])
    expect(await page.content()).not.toMatch(/hush-hush/)
  })

  it('what does not arrive is seen, and sent again by a button', async () => {
    const { page } = admin
    status = 404
    await page.getByRole('link', { name: 'People', exact: true }).click()
    await page.getByRole('link', { name: people.clerk.name }).click()
    await page.getByRole('button', { name: 'Freeze…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('a drill')
    await dialog.getByRole('button', { name: 'Freeze now' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const list = page.locator('section', { hasText: 'Not delivered' })
    const again = list.getByRole('button', { name: 'Send again' })
    do {
      await page.goto('/admin/notices')
      await settled(page)
    } while (!(await again.count()))
    expect(await faultsOfEveryFace(admin, 'notices')).toEqual([])
    status = 200
    await again.click()
    await list.getByText('Everything has arrived').waitFor()
    expect(received.at(-1)).toContain(`${people.clerk.name} is frozen`)
    expect(admin.complaints).toEqual([])
  })
})
