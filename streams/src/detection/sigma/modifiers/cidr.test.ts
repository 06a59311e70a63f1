import { describe, expect, it } from '@jest/globals'
import { matches, problemOf } from '../testing/index.js'

describe('cidr', () => {
  it('knows IPv4 networks', () => {
    expect(matches('ip|cidr', '10.0.0.0/8', { ip: '10.255.0.1' })).toBe(true)
    expect(matches('ip|cidr', '10.0.0.0/8', { ip: '11.0.0.1' })).toBe(false)
    expect(matches('ip|cidr', '[10.0.0.0/8, 192.168.4.0/23]', { ip: '192.168.5.9' })).toBe(true)
    expect(matches('ip|cidr', '0.0.0.0/0', { ip: '8.8.8.8' })).toBe(true)
    expect(matches('ip|cidr', '10.1.2.3', { ip: '10.1.2.3' })).toBe(true)
  })

  it('knows IPv6 networks, and IPv4 in IPv6 clothes', () => {
    expect(matches('ip|cidr', "'2001:db8::/33'", { ip: '2001:DB8:7fff::1' })).toBe(true)
    expect(matches('ip|cidr', "'2001:db8::/33'", { ip: '2001:db8:8000::1' })).toBe(false)
    expect(matches('ip|cidr', "'::1/128'", { ip: '0:0:0:0:0:0:0:1' })).toBe(true)
    expect(matches('ip|cidr', '10.0.0.0/8', { ip: '::ffff:10.0.0.1' })).toBe(true)
  })

  it('takes a network of IPv4 in IPv6 clothes for that of IPv4, as it does addresses', () => {
    for (const ip of ['10.1.2.3', '::ffff:10.1.2.3', '::FFFF:0a01:0203']) {
      for (const network of ['::ffff:0:0/96', '::ffff:10.0.0.0/104', '0:0:0:0:0:ffff:0a01:0203', '::ffff:10.1.2.3/128'])
        expect(matches('ip|cidr', `'${network}'`, { ip })).toBe(true)
      for (const network of ['::ffff:11.0.0.0/104', '::ffff:10.1.2.2', '::fffe:0:0/96'])
        expect(matches('ip|cidr', `'${network}'`, { ip })).toBe(false)
    }
    expect(matches('ip|cidr', "'::ffff:0:0/96'", { ip: '2001:db8::1' })).toBe(false)
    for (const network of ['::ffff:10.0.0.0/95', '::ffff:0:0/8'])
      expect(problemOf('ip|cidr', `'${network}'`)).toContain('at least 96 bits')
    for (const network of ['::ffff:10.0.0.1/104', '::ffff:0:0/129', '::ffff:0:0/', '::ffff:0:0/96/1'])
      expect(problemOf('ip|cidr', `'${network}'`)).toContain('not a network')
  })

  it('is false for what is no address', () => {
    for (const ip of ['host.example', '', '10.0.0', '10.0.0.256', '010.0.0.1', ':::', 10, null])
      expect(matches('ip|cidr', '0.0.0.0/0', { ip })).toBe(false)
  })

  it('refuses what is no network', () => {
    for (const network of ['10.0.0.0/99', '10.0.0.1/8', 'here', '10.0.0.0/', "'2001:db8::/129'", "'1::2::/16'"])
      expect(problemOf('ip|cidr', network)).toContain('not a network')
  })
})
