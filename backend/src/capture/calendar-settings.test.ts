import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { readCalendarSettings } from './calendar-settings.js'

describe('the calendar file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'custodia-calendar-'))
  const file = join(directory, 'calendar.json')
  afterAll(() => rmSync(directory, { recursive: true }))

  const read = (content: string, zone?: string) => {
    writeFileSync(file, content)
    return readCalendarSettings(file, zone)
  }

  it('overrides what it names', () => {
    expect(read('{"hours": {"from": "09:00", "to": "12:00"}}', 'Asia/Urumqi')).toMatchObject({
      time_zone: 'Asia/Urumqi',
      hours: { from: '09:00', to: '12:00' },
      holidays: 'china',
    })
  })

  it('may be the example of its page, which shows every form', () => {
    const page = readFileSync(new URL('../../../docs/calendar.md', import.meta.url), 'utf8')
    const { shifts } = read(/```json\n([^`]*)```/.exec(page)![1]!)
    expect(shifts).toMatchObject({
      night: { hours: { from: '22:00', to: '06:00' }, days: 'workdays' },
      counter: { hours: [{ to: '12:00' }, { from: '13:30' }] },
      hongkong: { time_zone: 'Asia/Hong_Kong', holidays: ['2026-12-25'] },
    })
  })

  it.each([
    ['{"hours": {"from": "9", "to": "12:00"}}', /hours\.from: not a time of day/],
    ['{"hours": {"from": "12:00", "to": "12:00"}}', /hours: .*the same: write 00:00 to 24:00 for the whole day$/],
    ['{"hours": {"from": "24:00", "to": "12:00"}}', /hours\.from: not a time of day from 00:00 to 23:59/],
    ['{"hours": []}', /hours: empty: write at least one span/],
    ['{"hours": "9 to 5"}', /hours: not an object$/],
    ['{"shifts": {"night": {"hours": [{"from": "22:00", "to": "25:00"}]}}}', /shifts\.night\.hours\.0\.to: not a time/],
    ['{"shifts": {"night": {"hours": {"from": "22:00"}}}}', /shifts\.night\.hours\.to: not a text$/],
    ['{"shifts": {"hk": {"time_zone": "Hong Kong"}}}', /shifts\.hk\.time_zone: not an IANA time zone, such as/],
    ['{"shifts": {"hk": {"holidays": "hongkong"}}}', /shifts\.hk\.holidays: not china, none or a list of days/],
    ['{"shifts": {"hk": {"holidays": ["2026-12-25", "26.12."]}}}', /shifts\.hk\.holidays\.1: not a date such as/],
    ['{"shifts": {"hk": {"holidays": []}}}', /shifts\.hk\.holidays: empty: write every single day off/],
    ['{"shifts": {"hk": {"zone": "Asia/Hong_Kong"}}}', /shifts\.hk: there is no zone$/],
    ['{"time_zone": "Mars/Base"}', /time_zone: not an IANA time zone/],
    ['{"extra_holidays": ["2026-02-30"]}', /extra_holidays\.0: not a date such as/],
    [
      '{"public_holidays": {"next": {"holidays": ["2027-01-01"], "workdays": []}}}',
      /public_holidays\.next: not a year/,
    ],
    ['{"public_holidays": {"2027": {"holidays": ["2027-13-01"], "workdays": []}}}', /2027\.holidays\.0: not a date/],
    ['{"public_holidays": {"2027": {"holidays": [], "workdays": []}}}', /public_holidays\.2027\.holidays/],
    ['{"public_holidays": {"2027": {"holidays": ["2028-01-01"], "workdays": []}}}', /2027: a day of another year/],
    [
      '{"public_holidays": {"2027": {"holidays": ["2027-01-02"], "workdays": ["2027-01-02"]}}}',
      /2027: a day is in both lists/,
    ],
    [
      '{"public_holidays": {"2027": {"holidays": ["2027-01-01"], "workdays": ["2027-01-09", "2027-01-11"]}}}',
      /public_holidays\.2027: 2027-01-11 in workdays is neither a Saturday nor a Sunday$/,
    ],
    ['{"closed": true}', /: there is no closed$/],
    ['[]', /file: not an object$/],
    ['{', /is not JSON/],
  ])('refuses %s in one sentence', (content, sentence) => {
    expect(() => read(content)).toThrow(sentence)
  })
})
