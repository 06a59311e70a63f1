import { beforeAll, describe, expect, it } from '@jest/globals'
import { openGeography, type Geography } from './geo.js'

describe('geography', () => {
  let geography: Geography
  beforeAll(async () => {
    geography = await openGeography()
  })

  it.each([
    ['114.114.114.114', 'CN'],
    ['8.8.8.8', 'US'],
    ['::ffff:8.8.8.8', 'US'],
    ['2001:4860:4860::8888', 'US'],
    ['2400:3200::1', 'CN'],
  ])('knows the country of %s', (ip, country) => {
    expect(geography.countryOf(ip)).toBe(country)
  })

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '192.168.1.1',
    '::1',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:10.0.0.1',
    'example.org',
    '',
  ])('has no country for %p', (ip) => {
    expect(geography.countryOf(ip)).toBeUndefined()
  })
})
