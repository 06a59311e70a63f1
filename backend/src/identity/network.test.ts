import { describe, expect, it } from '@jest/globals'
import { clientAddressOf } from '../gateway/client-address.js'
import { networkOf, sourceOf } from './network.js'

describe('network of an address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:12:9:ffff::1', '2001:db8:12::/48'],
    ['2001:0db8:0012:0000::1', '2001:db8:12::/48'],
    ['::1', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
  ])('%s is in %s', (ip, network) => expect(networkOf(ip)).toBe(network))

  it('counts an IPv6 customer as one source, and each IPv4 address', () => {
    expect(sourceOf('2001:db8:12::1')).toBe(sourceOf('2001:db8:12:ffff::2'))
    expect(sourceOf('203.0.113.1')).not.toBe(sourceOf('203.0.113.2'))
  })
})

describe('address of a client', () => {
  const addressOf = clientAddressOf(['10.0.0.5', '10.1.0.0/16'])
  it.each([
    ['203.0.113.7', undefined, '203.0.113.7'],
    ['203.0.113.7', '198.51.100.1', '203.0.113.7'], // nobody vouches for it
    ['10.0.0.5', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.0.0.5', '1.1.1.1, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['10.0.0.5', undefined, '10.0.0.5'],
  ])('%s, forwarded for %s: %s', (peer, forwarded, address) => expect(addressOf(peer, forwarded)).toBe(address))
})
