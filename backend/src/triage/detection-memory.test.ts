import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { serveHealth } from '@custodia/streams/health'
import { detectionMemory, forgottenText, memoryText } from './detection-memory.js'

const MiB = 2 ** 20

describe('what detection remembers, as the desk is told', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-memory-'))
  })
  afterAll(() => rm(dir, { recursive: true }))

  const worker = (ceiling: number, told: { rule: string; groups: number; bytes: number; forgotten?: number }[]) => {
    const rules = told.map((rule) => ({ forgotten: 0, ...rule }))
    const bytes = rules.reduce((sum, rule) => sum + rule.bytes, 0)
    const failing = (bad: boolean) => (bad ? Promise.reject(new Error('too much')) : Promise.resolve())
    return serveHealth(dir, [
      { part: 'detection memory', check: () => failing(bytes > ceiling), about: () => ({ bytes, ceiling, rules }) },
      { part: 'full windows', check: () => failing(rules.some(({ forgotten }) => forgotten > 0)) },
    ])
  }

  it('is nothing where no worker runs', async () => expect(await detectionMemory(dir, 500)).toBeUndefined())

  it('is that of all workers together, and names the rules that take most where one is above its ceiling', async () => {
    const workers = [
      await worker(8 * MiB, [{ rule: 'bulk-view', groups: 5, bytes: 2 * MiB }]),
      await worker(8 * MiB, [
        { rule: 'bulk-view', groups: 2, bytes: MiB },
        { rule: 'bulk-export', groups: 1, bytes: 4 * MiB },
      ]),
    ]
    const well = (await detectionMemory(dir, 2000))!
    expect(well).toMatchObject({ ok: true, bytes: 7 * MiB, rules: [{ rule: 'bulk-export' }, { groups: 7 }] })
    expect(memoryText(well)).toBe('7.0 / 16.0 MiB')

    workers.push(await worker(MiB, [{ rule: 'impossible-travel', groups: 9, bytes: 6 * MiB }]))
    const full = (await detectionMemory(dir, 2000))!
    expect(full.ok).toBe(false)
    expect(memoryText(full)).toBe(
      '13.0 / 17.0 MiB · impossible-travel 6.0 (9) · bulk-export 4.0 (1) · bulk-view 3.0 (7)',
    )
    expect([full.whole, forgottenText(full)]).toEqual([true, ''])

    workers.push(await worker(MiB, [{ rule: 'bulk-sum', groups: 1, bytes: MiB, forgotten: 41 }]))
    const cut = (await detectionMemory(dir, 2000))!
    expect([cut.whole, forgottenText(cut)]).toEqual([false, 'bulk-sum 41'])
    for (const each of workers) await each.close()
  })
})
