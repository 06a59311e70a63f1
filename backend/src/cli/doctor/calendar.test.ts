import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import type { Config } from '../../config.js'
import { calendar } from './calendar.js'

const directory = mkdtempSync(join(tmpdir(), 'custodia-doctor-calendar-'))
const calendarFile = join(directory, 'calendar.json')
afterAll(() => rmSync(directory, { recursive: true }))

it('tells how far the days of everybody reach, and those of a team that has its own', async () => {
  const holidays = ['2026-12-25', '2027-12-25']
  writeFileSync(calendarFile, JSON.stringify({ shifts: { hongkong: { holidays }, berlin: { holidays: 'none' } } }))
  const found = (day: string) => calendar({ calendarFile } as Config, () => new Date(day)).run()
  expect(await found('2026-06-01')).toEqual([
    {
      state: 'ok',
      found:
        'public holidays are known to the end of 2026; team hongkong: public holidays are known to the end of 2027; ' +
        'team berlin: Monday to Friday, without public holidays',
    },
  ])
  expect(await found('2028-01-03')).toMatchObject([
    { state: 'warn', found: expect.stringMatching(/^the public holidays of 2028 are not known: /) },
    { state: 'warn', found: expect.stringMatching(/^the public holidays of 2028 for team hongkong are not known: /) },
  ])
})
