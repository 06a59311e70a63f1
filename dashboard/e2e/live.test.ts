import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, CDPSession } from 'playwright-core'
import { custodia } from '../../deploy/testing/command.js'
import { descendantsOf } from '../../deploy/testing/processes.js'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { anAlert } from '../../streams/contracts/src/testing.js'
import { openEmbeddedEventLog, type EventLog } from '../../streams/src/event-log/index.js'
import { setUp } from './administrator.js'
import { seeAlert } from './analyst.js'
import { launchChromium } from './chromium.js'
import { barriersOn, faultsOf, languages, settled, themes, wear, widths } from './page-tour.js'
import { patience } from './patience.js'
import { visit, type Visitor } from './visitor.js'

const words = {
  en: { live: '● live', reconnecting: '○ reconnecting…' },
  'zh-CN': { live: '● 实时', reconnecting: '○ 正在重连…' },
} as const

describe('the live page stays open', () => {
  let system: RunningSystem
  let browser: Browser
  let admin: Visitor
  let network: CDPSession
  let log: EventLog

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ env: patience })
    admin = await visit(browser, system.origin, 'admin')
    await setUp(admin, system.setupCode ?? '')
    network = await admin.context.newCDPSession(admin.page)
    log = await openEmbeddedEventLog({ dir: join(system.dataDir, 'log') })
  })
  afterAll(async () => {
    await log?.close()
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  const says = (word: string) => admin.page.getByRole('status').getByText(word, { exact: true }).waitFor()
  const raise = async (id: string): Promise<string> => {
    const text = `What happened in ${id}`
    const alert = anAlert({ id, actor: undefined, respond: [{ do: 'alert' }], text: { en: text, zh: text } })
    await log.append('alerts', { key: id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) })
    return text
  }
  const offline = (is: boolean) =>
    network.send('Network.emulateNetworkConditions', {
      offline: is,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })
  const timesShown = (text: string) =>
    admin.page.getByRole('region', { name: 'Alerts' }).getByRole('link').filter({ hasText: text }).count()

  it.each(languages)(
    'says so when the network is gone, and shows what was missed when it is back (%s)',
    async (language) => {
      await wear(admin.page, language, 'light')
      await says(words[language].live)
      await offline(true)
      await says(words[language].reconnecting)
      const missed = await raise(`tunnel-${language}`)
      await admin.screenshot(`live-reconnecting-${language}`)
      await offline(false)
      await says(words[language].live)
      await wear(admin.page, 'en', 'light')
      await seeAlert(admin, missed)
      expect(await timesShown(missed)).toBe(1)
    },
  )

  it.each(languages)('goes on after its gateway was killed and started again (%s)', async (language) => {
    await wear(admin.page, language, 'light')
    await says(words[language].live)
    for (const pid of descendantsOf(system.process.pid!, /backend\/dist\/main\.js/)) process.kill(pid, 'SIGKILL')
    await says(words[language].reconnecting)
    const missed = await raise(`restart-${language}`)
    await says(words[language].live)
    await wear(admin.page, 'en', 'light')
    await seeAlert(admin, missed)
    for (const text of [missed, 'What happened in tunnel-en']) expect(await timesShown(text)).toBe(1)
  })

  it('shows where its parts will be while they load, says so aloud, and then has them', async () => {
    const { page } = admin
    const released = Promise.withResolvers<void>()
    const slow = /\/api\/v1\/(live\/summary|alerts|freezes)/
    await page.route(slow, (route) => released.promise.then(() => route.continue()))
    await page.goto('/live')
    const loading = { en: 'Loading…', 'zh-CN': '加载中…' }
    const faults: string[] = []
    for (const language of languages)
      for (const theme of themes) {
        await wear(page, language, theme)
        const skeletons = page.getByRole('main').getByRole('status', { name: loading[language] })
        await skeletons.nth(3).waitFor() // alerts, charts, frozen, pipeline
        expect(await page.getByText(/\b0 open|0 条/).count()).toBe(0) // nothing is said of what is not known
        faults.push(...(await faultsOf(page)), ...(await barriersOn(page)))
        await admin.screenshot(`live-loading-${language}-${theme}`)
      }
    expect(faults).toEqual([])
    released.resolve()
    await wear(page, 'en', 'light')
    await seeAlert(admin, 'What happened in tunnel-en')
    await page.getByRole('status', { name: loading.en }).first().waitFor({ state: 'hidden' })
  })

  it('a drill is started by a button; its result and its marks are on the pages', async () => {
    const { page } = admin
    admin.complaints.length = 0
    await page.goto('/drills')
    await page.getByRole('button', { name: 'Start a drill' }).click()
    await page.getByRole('link', { name: 'bulk-photo-view' }).waitFor({ timeout: 200_000 })
    const faults: string[] = []
    for (const width of widths)
      for (const language of languages)
        for (const theme of themes) {
          await page.setViewportSize({ width, height: 900 })
          await wear(page, language, theme)
          await settled(page)
          faults.push(...(await faultsOf(page)), ...(await barriersOn(page)))
          await admin.screenshot(`drills-${language}-${theme}-${width}`)
        }
    expect(faults).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })
    await wear(page, 'en', 'light')
    await page.getByRole('link', { name: 'bulk-photo-view' }).click()
    await page.getByText('DRILL', { exact: true }).first().waitFor()
    await wear(page, 'zh-CN', 'light')
    await page.getByText('演练', { exact: true }).first().waitFor()
    await admin.screenshot('drill-alert')
  })
  it('and by a command, which reports the times and is on the page as well', async () => {
    const { port } = new URL(system.origin)
    const { code, stdout, stderr } = await custodia('drill --json', { PORT: port, CUSTODIA_DATA_DIR: system.dataDir })
    expect([code, stderr]).toEqual([0, ''])
    const times = { detect_ms: expect.any(Number), hold_ms: expect.any(Number), freeze_ms: expect.any(Number) }
    expect(JSON.parse(stdout)).toMatchObject({ ...times, rule: 'bulk-photo-view', served: 50, notices: 'nobody' })
    await wear(admin.page, 'en', 'light')
    await admin.page.goto('/drills')
    const results = admin.page.getByRole('link', { name: 'bulk-photo-view' })
    await results.nth(1).waitFor()
    expect(await results.count()).toBe(2)
  })
})
