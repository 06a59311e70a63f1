import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { removeDataDir, startSystem, type RunningSystem } from '../../deploy/testing/system.js'
import { launchChromium } from './chromium.js'
import { patience } from './patience.js'
import { visit, type Visitor } from './visitor.js'

/** Every story and the tour of all pages fail where a page breaks its policy; here is what they do not open, and that they would notice. */
describe('the content security policy, in a browser', () => {
  let system: RunningSystem
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    browser = await launchChromium()
    system = await startSystem({ env: patience })
    visitor = await visit(browser, system.origin, 'stranger')
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
  })

  it('is kept by the page of the API, with an operation opened', async () => {
    const { page } = visitor
    await page.goto('/api/docs')
    const tags = page.locator('.opblock-tag')
    await tags.first().waitFor()
    await tags.first().click()
    const operations = page.locator('.opblock-summary-control')
    await operations.first().click()
    await page.locator('.opblock-body').first().waitFor()
    await visitor.screenshot('api-docs')
    expect(visitor.complaints.splice(0)).toEqual([])
  })

  it('is kept by the first page, and its styles are in force', async () => {
    const { page } = visitor
    await page.goto('/')
    await page.getByRole('button').first().waitFor()
    const styles = await page.evaluate(() => [...document.querySelectorAll('style')].map((style) => !!style.sheet))
    expect(styles.length).toBeGreaterThan(3)
    expect(styles).not.toContain(false)
    expect(visitor.complaints.splice(0)).toEqual([])
  })

  it.each([
    ['a script in the page', 'script-src-elem inline', '<script>window.ran = 1</script>'],
    ['a script in an attribute', 'script-src-attr inline', '<img src="data:," onerror="window.ran = 1">'],
    [
      'a script of another house',
      'script-src-elem https://evil.example/x.js',
      '<script src="https://evil.example/x.js"></script>',
    ],
    ['a style in the page', 'style-src-elem inline', '<style>body { display: none }</style>'],
    ['a style in an attribute', 'style-src-attr inline', '<p style="position: fixed">x</p>'],
    [
      'a picture that tells another house',
      'img-src https://evil.example/?who',
      '<img src="https://evil.example/?who">',
    ],
    ['a frame', 'frame-src https://evil.example', '<iframe src="https://evil.example/"></iframe>'],
    ['a form that sends elsewhere', 'form-action https://evil.example', '<form action="https://evil.example/"></form>'],
  ])('stops %s, and tells', async (_what, told, html) => {
    const { page } = visitor
    await page.goto('/')
    await page.getByRole('button').first().waitFor()
    visitor.complaints.splice(0)
    await page.evaluate((text) => {
      const fragment = document.createRange().createContextualFragment(text)
      document.body.append(fragment)
      document.querySelector<HTMLFormElement>('form[action^="https://evil"]')?.submit()
    }, html)
    await page.waitForTimeout(300)
    expect(visitor.complaints.splice(0).join('\n')).toContain(`content policy: ${told}`)
    expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran)).toBeUndefined()
  })
})
